import type { EventDefinition } from 'waybill';
import { ProductChanged } from '../functions/catalog/events.ts';
import { PRICE_LISTS_TABLE_NAME, PRODUCTS_TABLE_NAME } from '../functions/catalog/table.ts';
import { StockReceived } from '../functions/inventory/events.ts';
import { RECEIPTS_TABLE_NAME, STOCK_TABLE_NAME } from '../functions/inventory/table.ts';
import { OrderCancellationRequested, OrderPlaced } from '../functions/orders/events.ts';
import {
  CUSTOMER_ADDRESSES_TABLE_NAME,
  DELIVERY_ADDRESSES_TABLE_NAME,
  ORDERS_TABLE_NAME,
} from '../functions/orders/table.ts';
import { PaymentReviewed } from '../functions/payments/events.ts';
import { PAYMENT_AUDIT_TABLE_NAME, PAYMENTS_TABLE_NAME } from '../functions/payments/table.ts';
import type { TableUse } from './tables.ts';

/** A function that callers invoke to have something done. */
export interface Command {
  readonly id: string;
  /** Its folder, and what logs call it. */
  readonly name: string;
  readonly description: string;
  readonly uses: readonly TableUse[];
  readonly publishes: readonly EventDefinition[];
}

export const COMMANDS: readonly Command[] = [
  {
    id: 'PlaceOrder',
    name: 'place-order',
    description: 'Waybill shop: the way in; writes an order and its first event',
    uses: [
      { table: 'Orders', variable: ORDERS_TABLE_NAME, actions: ['GetItem', 'PutItem'] },
      { table: 'DeliveryAddresses', variable: DELIVERY_ADDRESSES_TABLE_NAME, actions: ['GetItem', 'PutItem'] },
      { table: 'CustomerAddresses', variable: CUSTOMER_ADDRESSES_TABLE_NAME, actions: ['PutItem'] },
      // what the catalog offers to others: its prices, cached by whoever misses one
      { table: 'Products', variable: PRODUCTS_TABLE_NAME, actions: ['BatchGetItem'] },
      { table: 'PriceLists', variable: PRICE_LISTS_TABLE_NAME, actions: ['BatchGetItem', 'PutItem'] },
    ],
    publishes: [OrderPlaced],
  },
  {
    id: 'CancelOrder',
    name: 'cancel-order',
    description: 'Waybill shop: asks for an order to be cancelled, unless it is shipped',
    uses: [{ table: 'Orders', variable: ORDERS_TABLE_NAME, actions: ['GetItem', 'UpdateItem'] }],
    publishes: [OrderCancellationRequested],
  },
  {
    id: 'ReviewPayment',
    name: 'review-payment',
    description: 'Waybill shop: releases or refuses a payment that the fraud check held',
    uses: [
      { table: 'Payments', variable: PAYMENTS_TABLE_NAME, actions: ['GetItem', 'PutItem'] },
      { table: 'PaymentAudit', variable: PAYMENT_AUDIT_TABLE_NAME, actions: ['PutItem'] },
    ],
    publishes: [PaymentReviewed],
  },
  {
    id: 'ReceiveStock',
    name: 'receive-stock',
    description: 'Waybill shop: takes goods in',
    uses: [
      { table: 'Receipts', variable: RECEIPTS_TABLE_NAME, actions: ['GetItem', 'PutItem'] },
      { table: 'Stock', variable: STOCK_TABLE_NAME, actions: ['UpdateItem'] },
    ],
    publishes: [StockReceived],
  },
  {
    id: 'ChangeProduct',
    name: 'change-product',
    description: 'Waybill shop: adds a product to the catalog, or changes its name or price',
    uses: [{ table: 'Products', variable: PRODUCTS_TABLE_NAME, actions: ['GetItem', 'PutItem'] }],
    publishes: [ProductChanged],
  },
];
