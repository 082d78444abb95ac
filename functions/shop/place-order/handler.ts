import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { type Outbox, OutboxConditionError } from '../../../lib/outbox/index.ts';
import { type Clock, toTimestamp } from '../../../lib/shared/time.ts';
import type { Tenancy, TenantTable } from '../../../lib/tenancy/index.ts';
import { readCommand } from '../command.ts';
import { OrderPlaced } from '../orders/events.ts';
import type { Order } from '../orders/order.ts';

export interface PlaceOrderDeps {
  readonly orders: TenantTable<Order>;
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

const commandSchema = OrderPlaced.schema.refine(({ lines }) => new Set(lines.map(({ sku }) => sku)).size <= MOST_SKUS, {
  path: ['lines'],
  error: `an order may have ${MOST_SKUS} different SKUs at most: place more than one order`,
});

/** Places an order: its item and its event in one transaction. The order id makes the command idempotent. */
export const createPlaceOrder =
  ({ orders, outbox, tenancy, clock, logger }: PlaceOrderDeps) =>
  async (command: unknown, context: Context): Promise<PlaceOrderResult> => {
    logger.addContext(context);
    const { tenantId, content } = readCommand('place-order', commandSchema, command);
    const { orderId } = content;
    const order: Order = { ...content, status: 'placed', placedAt: toTimestamp(clock.now()) };
    try {
      await tenancy.runAsTenant(tenantId, () =>
        outbox.transact((tx) => {
          orders.within(tx).put({ Item: order, ConditionExpression: 'attribute_not_exists(orderId)' });
          tx.publish(OrderPlaced, content);
        }),
      );
    } catch (error) {
      if (!(error instanceof OutboxConditionError)) throw error;
      logger.info('order was placed before', { order_id: orderId, tenant_id: tenantId });
      return { orderId, outcome: 'already-placed' };
    }
    logger.info('order placed', { order_id: orderId, tenant_id: tenantId });
    return { orderId, outcome: 'placed' };
  };
