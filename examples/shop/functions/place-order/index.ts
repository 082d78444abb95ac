import { createProducerRuntime, requireEnv, systemClock } from 'waybill/runtime';
import { cachedPriceSchema } from '../catalog/cached-price.ts';
import { createPriceList } from '../catalog/price-list.ts';
import { productSchema } from '../catalog/product.ts';
import { PRICE_LISTS_TABLE, PRICE_LISTS_TABLE_NAME, PRODUCTS_TABLE, PRODUCTS_TABLE_NAME } from '../catalog/table.ts';
import { deliveryAddressSchema } from '../orders/delivery-address.ts';
import { createKeptAddresses, customerAddressSchema } from '../orders/kept-addresses.ts';
import { orderSchema } from '../orders/order.ts';
import {
  CUSTOMER_ADDRESSES_TABLE,
  CUSTOMER_ADDRESSES_TABLE_NAME,
  DELIVERY_ADDRESSES_TABLE,
  DELIVERY_ADDRESSES_TABLE_NAME,
  ORDERS_TABLE,
  ORDERS_TABLE_NAME,
} from '../orders/table.ts';
import { createPlaceOrder } from './handler.ts';

const env = requireEnv(
  process.env,
  ORDERS_TABLE_NAME,
  DELIVERY_ADDRESSES_TABLE_NAME,
  CUSTOMER_ADDRESSES_TABLE_NAME,
  PRODUCTS_TABLE_NAME,
  PRICE_LISTS_TABLE_NAME,
);
const { outbox, tenancy, table, logger } = createProducerRuntime();
const clock = systemClock;
const orders = table(ORDERS_TABLE, env[ORDERS_TABLE_NAME], (item) => orderSchema.parse(item));
const addresses = createKeptAddresses({
  addresses: table(DELIVERY_ADDRESSES_TABLE, env[DELIVERY_ADDRESSES_TABLE_NAME], (item) =>
    deliveryAddressSchema.parse(item),
  ),
  ofCustomers: table(CUSTOMER_ADDRESSES_TABLE, env[CUSTOMER_ADDRESSES_TABLE_NAME], (item) =>
    customerAddressSchema.parse(item),
  ),
  clock,
});
const products = table(PRODUCTS_TABLE, env[PRODUCTS_TABLE_NAME], (item) => productSchema.parse(item));
const cache = table(PRICE_LISTS_TABLE, env[PRICE_LISTS_TABLE_NAME], (item) => cachedPriceSchema.parse(item));
const priceList = createPriceList({ products, cache, clock, logger });

export const handler = createPlaceOrder({ orders, addresses, priceList, outbox, tenancy, clock, logger });
