import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type * as z from 'zod';
import { WaybillError } from '../../../lib/contracts/index.ts';
import { type Outbox, OutboxConditionError } from '../../../lib/outbox/index.ts';
import { type Clock, toTimestamp } from '../../../lib/shared/time.ts';
import { OrderPlaced } from '../orders/events.ts';
import type { Order } from '../orders/order.ts';

export interface PlaceOrderDeps {
  readonly tableName: string;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface PlaceOrderResult {
  readonly orderId: string;
  /** `already-placed`: the same command came before; nothing was written again. */
  readonly outcome: 'placed' | 'already-placed';
}

/** The command does not say what an order needs. */
class PlaceOrderInvalidError extends WaybillError {
  readonly code = 'PLACE_ORDER_INVALID';
  readonly retryable = false;

  constructor({ issues }: z.ZodError) {
    super(
      `the order cannot be placed: ${issues.map(({ path, message }) => `${path.join('.') || 'command'}: ${message}`).join('; ')}`,
    );
  }
}

/** Places an order: its item and its event in one transaction. The order id makes the command idempotent. */
export const createPlaceOrder =
  ({ tableName, outbox, clock, logger }: PlaceOrderDeps) =>
  async (command: unknown, context: Context): Promise<PlaceOrderResult> => {
    logger.addContext(context);
    const parsed = OrderPlaced.schema.safeParse(command);
    if (!parsed.success) throw new PlaceOrderInvalidError(parsed.error);
    const { orderId } = parsed.data;
    const order: Order = { ...parsed.data, status: 'placed', placedAt: toTimestamp(clock.now()) };
    try {
      await outbox.transact((tx) => {
        tx.put({ TableName: tableName, Item: order, ConditionExpression: 'attribute_not_exists(orderId)' });
        tx.publish(OrderPlaced, parsed.data);
      });
    } catch (error) {
      if (!(error instanceof OutboxConditionError)) throw error;
      logger.info('order was placed before', { order_id: orderId });
      return { orderId, outcome: 'already-placed' };
    }
    logger.info('order placed', { order_id: orderId });
    return { orderId, outcome: 'placed' };
  };
