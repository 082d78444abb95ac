import { hasCode, isWaybillError } from 'waybill';
import type { ApiHandlers, Operations } from 'waybill/http';
import { requestCancellation } from '../cancel-order/request-cancellation.ts';
import { orderPath } from '../orders/order.ts';
import { type PlacementDeps, placeOrder } from '../place-order/placement.ts';
import { mayOrderFor, maySee, ordersForOthers } from '../scopes.ts';
import type { ordersApi } from './routes.ts';

export interface OrdersApiDeps extends PlacementDeps {
  readonly operations: Pick<Operations, 'start' | 'find'>;
  /** Of an order that its caller gives none. */
  readonly newOrderId: () => string;
}

/** Refusals of the price list, which the caller may read: they name products and amounts that the caller has sent. */
const TOLD = [
  'PLACE_ORDER_ID_TAKEN',
  'PLACE_ORDER_SKU_UNKNOWN',
  'PLACE_ORDER_TOTAL_WRONG',
  'PLACE_ORDER_CURRENCIES_MIXED',
] as const;

export function createOrdersApiHandlers({
  operations,
  newOrderId,
  ...deps
}: OrdersApiDeps): ApiHandlers<typeof ordersApi> {
  const { orders } = deps;

  return {
    async 'POST /orders'({ body, principal }, { tx, log, problem }) {
      const { customerId = principal.subject, orderId = newOrderId() } = body;
      if (!mayOrderFor(principal, customerId)) throw problem('CUSTOMER_FORBIDDEN', 'leave customerId out');
      // who could choose ids could learn which ones are taken
      if (body.orderId !== undefined && !ordersForOthers(principal)) {
        throw problem('ORDER_ID_FORBIDDEN', 'leave orderId out');
      }
      try {
        if ((await placeOrder(tx, { ...body, orderId, customerId }, deps)) === 'already-placed') {
          return { status: 200, body: { orderId }, headers: { location: orderPath(orderId) } };
        }
      } catch (error) {
        const code = TOLD.find((each) => hasCode(error, each));
        if (code === undefined || !isWaybillError(error)) throw error;
        throw problem(code, error.message);
      }
      const operation = operations.start(tx, orderId, 'place-order');
      log.info('order accepted', { order_id: orderId });
      return { status: 202, body: { orderId, operation }, headers: { location: operation } };
    },

    async 'GET /orders/{orderId}'({ params, principal }, { problem }) {
      const order = await orders.get(params);
      if (order === undefined || !maySee(principal, order.customerId)) throw problem('ORDER_NOT_FOUND');
      // each change of an order is one of its status
      return { status: 200, body: order, etag: order.status };
    },

    async 'POST /orders/{orderId}/cancellation'({ params, principal }, { tx, log, problem }) {
      const order = await orders.get(params);
      if (order === undefined || !mayOrderFor(principal, order.customerId)) throw problem('ORDER_NOT_FOUND');
      const { orderId } = order;
      const outcome = requestCancellation(tx, order, orders);
      log.info(`cancellation ${outcome}`, { order_id: orderId });
      return outcome === 'requested'
        ? { status: 202, body: { orderId, outcome } }
        : { status: 200, body: { orderId, outcome } };
    },

    async 'GET /operations/{operationId}'({ params: { operationId }, principal }, { problem }) {
      const [operation, order] = await Promise.all([
        operations.find(operationId),
        orders.get({ orderId: operationId }),
      ]);
      if (operation === undefined || order === undefined || !maySee(principal, order.customerId)) {
        throw problem('OPERATION_NOT_FOUND');
      }
      return { status: 200, body: operation };
    },
  };
}
