import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { Outbox } from 'waybill/outbox';
import type { Tenancy, TenantTable } from 'waybill/tenancy';
import { readCommand } from '../command.ts';
import type { Order } from '../orders/order.ts';
import { transactAgain } from '../transact-again.ts';
import * as z from '../zod.ts';
import { type Cancellation, OrderNotFoundError, requestCancellation } from './request-cancellation.ts';

export interface CancelOrderDeps {
  readonly orders: TenantTable<Order>;
  readonly outbox: Pick<Outbox, 'transact'>;
  readonly tenancy: Pick<Tenancy, 'runAsTenant'>;
  readonly logger: Logger;
}

export interface CancelOrderResult {
  readonly orderId: string;
  readonly outcome: Cancellation;
}

const commandSchema = z.object({ orderId: z.string().check(z.minLength(1)) });

/** Asks for an order to be cancelled: its status and the event in one transaction. Asking twice does what asking once does. */
export const createCancelOrder =
  ({ orders, outbox, tenancy, logger }: CancelOrderDeps) =>
  async (command: unknown, context: Context): Promise<CancelOrderResult> => {
    logger.addContext(context);
    const { tenantId, content } = readCommand('cancel-order', commandSchema, command);
    const { orderId } = content;
    const outcome = await tenancy.runAsTenant(tenantId, () =>
      transactAgain(outbox, async (tx) => {
        const order = await orders.get({ orderId });
        if (order === undefined) throw new OrderNotFoundError(orderId);
        return requestCancellation(tx, order, orders);
      }),
    );
    logger.info(`cancellation ${outcome}`, { order_id: orderId, tenant_id: tenantId });
    return { orderId, outcome };
  };
