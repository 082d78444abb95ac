import { defineApi, defineRoute } from 'waybill';
import { operationRoute } from 'waybill/http';
import { orderSchema } from '../orders/order.ts';
import { orderRequestSchema } from '../place-order/placement.ts';
import { SCOPE } from '../scopes.ts';
import * as z from '../zod.ts';

const ORDER_NOT_FOUND = { status: 404, title: 'There is no such order' } as const;

const placeOrder = defineRoute({
  key: 'POST /orders',
  summary: 'Places an order',
  scopes: [SCOPE.writeOrders, SCOPE.writeOrdersForOthers],
  body: orderRequestSchema,
  answers: {
    202: {
      description: 'The order is accepted; its operation tells how it ends',
      schema: z.object({ orderId: z.string(), operation: z.string() }),
    },
    200: { description: 'The same order was placed before', schema: z.object({ orderId: z.string() }) },
  },
  problems: {
    CUSTOMER_FORBIDDEN: { status: 403, title: 'Orders of other customers need a scope for it' },
    ORDER_ID_FORBIDDEN: { status: 403, title: 'Order ids of your own need a scope for it' },
    PLACE_ORDER_ID_TAKEN: { status: 409, title: 'There is another order with this id' },
    PLACE_ORDER_SKU_UNKNOWN: { status: 422, title: 'The catalog does not have every product' },
    PLACE_ORDER_TOTAL_WRONG: { status: 422, title: 'The total is not what the lines cost' },
    PLACE_ORDER_CURRENCIES_MIXED: { status: 422, title: 'The lines have prices in several currencies' },
  },
  idempotent: true,
});

const orderById = defineRoute({
  key: 'GET /orders/{orderId}',
  summary: 'Shows an order as it is now',
  scopes: [SCOPE.readOrders, SCOPE.readOrdersForOthers],
  answers: { 200: { description: 'The order', schema: orderSchema } },
  problems: { ORDER_NOT_FOUND },
});

const cancelOrder = defineRoute({
  key: 'POST /orders/{orderId}/cancellation',
  summary: 'Asks for an order to be cancelled',
  scopes: [SCOPE.writeOrders, SCOPE.writeOrdersForOthers],
  answers: {
    202: {
      description: 'It is on its way to be cancelled, and may still turn out to be shipped already',
      schema: z.object({ orderId: z.string(), outcome: z.literal('requested') }),
    },
    200: {
      description: 'The order has ended already',
      schema: z.object({ orderId: z.string(), outcome: z.enum(['already-cancelled', 'too-late']) }),
    },
  },
  problems: { ORDER_NOT_FOUND },
});

/** What customers and partners do with orders. */
export const ordersApi = defineApi({
  name: 'orders-api',
  title: 'Tea shop',
  version: '1.0.0',
  routes: [placeOrder, orderById, cancelOrder, operationRoute([SCOPE.readOrders, SCOPE.readOrdersForOthers])],
});
