import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { Outbox } from 'waybill/outbox';
import type { Tenancy } from 'waybill/tenancy';
import { readCommand } from '../command.ts';
import { transactAgain } from '../transact-again.ts';
import { type Placement, type PlacementDeps, placedOrderSchema, placeOrder } from './placement.ts';

export interface PlaceOrderDeps extends PlacementDeps {
  readonly outbox: Pick<Outbox, 'transact'>;
  readonly tenancy: Pick<Tenancy, 'runAsTenant'>;
  readonly logger: Logger;
}

export interface PlaceOrderResult {
  readonly orderId: string;
  readonly outcome: Placement;
}

/** Places an order: its item and its event in one transaction. The order id makes the command idempotent. */
export const createPlaceOrder =
  ({ outbox, tenancy, logger, ...deps }: PlaceOrderDeps) =>
  async (command: unknown, context: Context): Promise<PlaceOrderResult> => {
    logger.addContext(context);
    const { tenantId, content } = readCommand('place-order', placedOrderSchema, command);
    const outcome = await tenancy.runAsTenant(tenantId, () =>
      transactAgain(outbox, (tx) => placeOrder(tx, content, deps)),
    );
    const { orderId } = content;
    const message = outcome === 'placed' ? 'order placed' : 'order was placed before';
    logger.info(message, { order_id: orderId, tenant_id: tenantId });
    return { orderId, outcome };
  };
