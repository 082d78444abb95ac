import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { hasCode } from 'waybill';
import type { Outbox } from 'waybill/outbox';
import { type Clock, toTimestamp } from 'waybill/runtime';
import type { Tenancy, TenantTable } from 'waybill/tenancy';
import type { PriceList } from '../catalog/price-list.ts';
import { CommandIdTakenError, readCommand } from '../command.ts';
import { OrderPlaced } from '../orders/events.ts';
import type { Order } from '../orders/order.ts';
import * as z from '../zod.ts';
import { refusePrices } from './refuse-prices.ts';

export interface PlaceOrderDeps {
  readonly orders: TenantTable<Order>;
  readonly priceList: PriceList;
  readonly outbox: Outbox;
  readonly tenancy: Pick<Tenancy, 'runAsTenant'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface PlaceOrderResult {
  readonly orderId: string;
  /** `already-placed`: the same command came before; nothing was written again. */
  readonly outcome: 'placed' | 'already-placed';
}

/** What inventory can reserve in one transaction. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const MOST_SKUS = 90;

const commandSchema = OrderPlaced.schema.check(
  z.refine(({ lines }) => new Set(lines.map(({ sku }) => sku)).size <= MOST_SKUS, {
    path: ['lines'],
    error: `an order may have ${MOST_SKUS} different SKUs at most: place more than one order`,
  }),
);

/**
 * Places an order: its item and its event in one transaction. The order id makes the command idempotent.
 *
 * Refuses what the price list does not allow: `PLACE_ORDER_SKU_UNKNOWN`, `PLACE_ORDER_TOTAL_WRONG`,
 * `PLACE_ORDER_CURRENCIES_MIXED`; and another order under the id of one: `PLACE_ORDER_ID_TAKEN`.
 */
export const createPlaceOrder =
  ({ orders, priceList, outbox, tenancy, clock, logger }: PlaceOrderDeps) =>
  async (command: unknown, context: Context): Promise<PlaceOrderResult> => {
    logger.addContext(context);
    const { tenantId, content } = readCommand('place-order', commandSchema, command);
    const outcome = await tenancy.runAsTenant(tenantId, () => place(content, { orders, priceList, outbox, clock }));
    const { orderId } = content;
    const message = outcome === 'placed' ? 'order placed' : 'order was placed before';
    logger.info(message, { order_id: orderId, tenant_id: tenantId });
    return { orderId, outcome };
  };

type Content = z.output<typeof commandSchema>;

async function place(
  content: Content,
  { orders, priceList, outbox, clock }: Pick<PlaceOrderDeps, 'orders' | 'priceList' | 'outbox' | 'clock'>,
): Promise<PlaceOrderResult['outcome']> {
  const { orderId, lines } = content;
  const skus = lines.map(({ sku }) => sku);
  if (refusePrices(content, await priceList.read(skus)) !== undefined) {
    // an order that was placed stays so, whatever its products cost by now
    const before = await orders.get({ orderId });
    if (before !== undefined) return repeated(content, before);
    const refusal = refusePrices(content, await priceList.read(skus, { fresh: true }));
    if (refusal !== undefined) throw refusal;
  }
  const order: Order = { ...content, status: 'placed', placedAt: toTimestamp(clock.now()) };
  try {
    await outbox.transact((tx) => {
      orders.within(tx).put({ Item: order, ConditionExpression: 'attribute_not_exists(orderId)' });
      tx.publish(OrderPlaced, content);
    });
    return 'placed';
  } catch (error) {
    if (!hasCode(error, 'OUTBOX_CONDITION_FAILED')) throw error;
    return repeated(content, await orders.get({ orderId }));
  }
}

function repeated({ orderId, customerId, lines, total }: Content, before: Order | undefined): 'already-placed' {
  const wanted = { customerId, lines, total };
  if (before === undefined || isDeepStrictEqual(wanted, contentOf(before))) return 'already-placed';
  throw new CommandIdTakenError('place-order', orderId);
}

const contentOf = ({ customerId, lines, total }: Order) => ({ customerId, lines, total });
