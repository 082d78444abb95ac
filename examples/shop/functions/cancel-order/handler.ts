import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { hasCode, WaybillError } from 'waybill';
import type { Outbox } from 'waybill/outbox';
import type { Tenancy, TenantTable } from 'waybill/tenancy';
import { readCommand } from '../command.ts';
import { OrderCancellationRequested } from '../orders/events.ts';
import type { Order } from '../orders/order.ts';
import { moveOrder } from '../orders/order-status.ts';
import * as z from '../zod.ts';

export interface CancelOrderDeps {
  readonly orders: TenantTable<Order>;
  readonly outbox: Outbox;
  readonly tenancy: Pick<Tenancy, 'runAsTenant'>;
  readonly logger: Logger;
}

export interface CancelOrderResult {
  readonly orderId: string;
  /**
   * `requested`: it is on its way to be cancelled, and may still turn out to be shipped already. `too-late`: it is
   * shipped.
   */
  readonly outcome: 'requested' | 'already-cancelled' | 'too-late';
}

/** Nobody has placed the order. */
class OrderNotFoundError extends WaybillError {
  readonly code = 'CANCEL_ORDER_NOT_FOUND';

  constructor(orderId: string) {
    super(`order '${orderId}' cannot be cancelled: there is no such order`);
  }
}

const commandSchema = z.object({ orderId: z.string().check(z.minLength(1)) });

/** Asks for an order to be cancelled: its status and the event in one transaction. Asking twice does what asking once does. */
export const createCancelOrder =
  ({ orders, outbox, tenancy, logger }: CancelOrderDeps) =>
  async (command: unknown, context: Context): Promise<CancelOrderResult> => {
    logger.addContext(context);
    const { tenantId, content } = readCommand('cancel-order', commandSchema, command);
    const { orderId } = content;
    const outcome = await tenancy.runAsTenant(tenantId, () => request(orderId, { orders, outbox }));
    logger.info(`cancellation ${outcome}`, { order_id: orderId, tenant_id: tenantId });
    return { orderId, outcome };
  };

async function request(
  orderId: string,
  { orders, outbox }: Pick<CancelOrderDeps, 'orders' | 'outbox'>,
): Promise<CancelOrderResult['outcome']> {
  // ends, since an order only moves on: each lost race brings it nearer to its end
  for (;;) {
    const order = await orders.get({ orderId });
    if (order === undefined) throw new OrderNotFoundError(orderId);
    if (order.status === 'shipped') return 'too-late';
    if (order.status === 'cancelled') return 'already-cancelled';
    if (order.status === 'cancelling') return 'requested';
    try {
      await outbox.transact((tx) => {
        moveOrder(orders, tx, order, 'cancelling', 'customer');
        tx.publish(OrderCancellationRequested, { orderId });
      });
      return 'requested';
    } catch (error) {
      if (!hasCode(error, 'OUTBOX_CONDITION_FAILED')) throw error;
    }
  }
}
