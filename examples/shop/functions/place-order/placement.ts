import { isDeepStrictEqual } from 'node:util';
import type { UnitOfWork } from 'waybill/outbox';
import { type Clock, toTimestamp } from 'waybill/runtime';
import type { TenantTable } from 'waybill/tenancy';
import type { PriceList } from '../catalog/price-list.ts';
import { CommandIdTakenError } from '../command.ts';
import { addressSchema } from '../orders/address.ts';
import { OrderPlaced } from '../orders/events.ts';
import type { KeptAddresses } from '../orders/kept-addresses.ts';
import type { Order } from '../orders/order.ts';
import { paymentMethodSchema, shownMethod } from '../payments/payment-method.ts';
import * as z from '../zod.ts';
import { refusePrices } from './refuse-prices.ts';

export interface PlacementDeps {
  readonly orders: TenantTable<Order>;
  readonly addresses: Pick<KeptAddresses, 'find' | 'keep'>;
  readonly priceList: PriceList;
  readonly clock: Clock;
}

/** What inventory can reserve in one transaction. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const MOST_SKUS = 90;

/**
 * Without an address or a payment method: from callers that were there before these; carrier and gateway then go by what
 * they know of the customer.
 */
const contentSchema = z.extend(z.omit(OrderPlaced.schema, { destination: true }), {
  shippingAddress: z.optional(addressSchema),
  paymentMethod: z.optional(paymentMethodSchema),
});

const fewSkus = z.refine<Pick<z.output<typeof contentSchema>, 'lines'>>(
  ({ lines }) => new Set(lines.map(({ sku }) => sku)).size <= MOST_SKUS,
  { path: ['lines'], error: `an order may have ${MOST_SKUS} different SKUs at most: place more than one order` },
);

/** What a caller says of an order that has its id and its customer. */
export const placedOrderSchema = contentSchema.check(fewSkus);

/** What a caller says of an order who may leave its id and its customer to the shop. */
export const orderRequestSchema = z
  .extend(contentSchema, {
    orderId: z.optional(contentSchema.shape.orderId),
    customerId: z.optional(contentSchema.shape.customerId),
  })
  .check(fewSkus);

export type PlacedOrder = z.output<typeof placedOrderSchema>;

/** `already-placed`: the same order came before; nothing is written again. */
export type Placement = 'placed' | 'already-placed';

/**
 * Collects an order, its address and its first event. The order's id makes it idempotent. If another placement of it commits first, the
 * commit fails with `OUTBOX_CONDITION_FAILED`: run it again.
 *
 * Refuses what the price list does not allow: `PLACE_ORDER_SKU_UNKNOWN`, `PLACE_ORDER_TOTAL_WRONG`,
 * `PLACE_ORDER_CURRENCIES_MIXED`; and another order under the id of one: `PLACE_ORDER_ID_TAKEN`.
 */
export async function placeOrder(
  tx: UnitOfWork,
  { shippingAddress: address, ...content }: PlacedOrder,
  { orders, addresses, priceList, clock }: PlacementDeps,
): Promise<Placement> {
  const { orderId, lines, paymentMethod } = content;
  // an order that was placed stays so, whatever its products cost by now
  const before = await orders.get({ orderId });
  if (before !== undefined) {
    const known = await addresses.find(orderId);
    // an address that has expired cannot be compared
    const isSamePlace = known === undefined || isDeepStrictEqual(address, known);
    if (isSamePlace && isDeepStrictEqual(contentOf(content), contentOf(before))) return 'already-placed';
    throw new CommandIdTakenError('place-order', orderId);
  }
  const skus = lines.map(({ sku }) => sku);
  if (refusePrices(content, await priceList.read(skus)) !== undefined) {
    const refusal = refusePrices(content, await priceList.read(skus, { fresh: true }));
    if (refusal !== undefined) throw refusal;
  }
  const order: Order = {
    ...content,
    ...(paymentMethod === undefined ? {} : { paymentMethod: shownMethod(paymentMethod) }),
    status: 'placed',
    placedAt: toTimestamp(clock.now()),
  };
  orders.within(tx).put({ Item: order, ConditionExpression: 'attribute_not_exists(orderId)' });
  if (address !== undefined) addresses.keep(tx, order, address);
  tx.publish(OrderPlaced, { ...content, ...(address === undefined ? {} : { destination: address.country }) });
  return 'placed';
}

type Content = Pick<PlacedOrder, 'customerId' | 'lines' | 'total' | 'paymentMethod'>;

/** Of the payment method what people see: a client that repeats a command may have a new token for the same card. */
const contentOf = ({ customerId, lines, total, paymentMethod }: Content | Order) => ({
  customerId,
  lines,
  total,
  paymentMethod: paymentMethod && shownMethod(paymentMethod),
});
