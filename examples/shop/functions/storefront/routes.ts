import { defineApi, defineRoute } from 'waybill';
import { moneySchema } from '../money.ts';
import { orderSummarySchema } from '../order-overview/order-summary.ts';
import { paymentStatusSchema, shipmentStatusSchema } from '../order-tracking/order-tracking.ts';
import { orderLineSchema } from '../orders/events.ts';
import { nextPage, pageQuery } from '../pages.ts';
import { SCOPE } from '../scopes.ts';
import * as z from '../zod.ts';

const READERS = [SCOPE.readOrders, SCOPE.readOrdersForOthers] as const;

const ORDER_NOT_FOUND = { status: 404, title: 'There is no such order, or it is too new to be shown' } as const;

/** Names of parts that could not be read in time: the page can be shown without them. */
const partial = z.array(z.string());

const listOrders = defineRoute({
  key: 'GET /orders',
  summary: 'Lists the orders of a customer, the newest first',
  scopes: READERS,
  query: z.object({
    ...pageQuery(100, 25),
    /** Whose; needs the scope orders:read-for-others. */
    customerId: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
  }),
  answers: {
    200: { description: 'One page of orders', schema: z.object({ orders: z.array(orderSummarySchema), ...nextPage }) },
  },
  problems: { CUSTOMER_FORBIDDEN: { status: 403, title: 'Orders of other customers need a scope for it' } },
});

const paymentOf = defineRoute({
  key: 'GET /orders/{orderId}/payment',
  summary: 'Says what became of the money of an order',
  scopes: READERS,
  answers: { 200: { description: 'The payment', schema: paymentStatusSchema } },
  problems: { ORDER_NOT_FOUND, PAYMENT_NOT_FOUND: { status: 404, title: 'Nothing is paid yet' } },
});

const shipmentOf = defineRoute({
  key: 'GET /orders/{orderId}/shipment',
  summary: 'Says what became of the parcel of an order',
  scopes: READERS,
  answers: { 200: { description: 'The shipment', schema: shipmentStatusSchema } },
  problems: { ORDER_NOT_FOUND, SHIPMENT_NOT_FOUND: { status: 404, title: 'Nothing is shipped yet' } },
});

const orderPage = defineRoute({
  key: 'GET /web/orders/{orderId}',
  summary: "Everything of an order's page in one answer",
  scopes: READERS,
  answers: {
    200: {
      description: 'The page; `partial` names what is missing',
      schema: z.object({
        order: orderSummarySchema,
        payment: z.optional(paymentStatusSchema),
        shipment: z.optional(shipmentStatusSchema),
        lines: z.optional(z.array(z.extend(orderLineSchema, { name: z.optional(z.string()) }))),
        partial,
      }),
    },
  },
  problems: { ORDER_NOT_FOUND },
});

const home = defineRoute({
  key: 'GET /mobile/home',
  summary: 'What a telephone shows first',
  scopes: [SCOPE.readOrders],
  answers: {
    200: {
      description: 'The page; `partial` names what is missing',
      schema: z.object({
        /** The newest few. */
        orders: z.optional(
          z.array(z.pick(orderSummarySchema, { orderId: true, status: true, total: true, placedAt: true })),
        ),
        products: z.optional(z.array(z.object({ sku: z.string(), name: z.string(), price: z.nullable(moneySchema) }))),
        partial,
      }),
    },
  },
});

/** What the shop shows, made from its read models alone: it changes nothing. */
export const storefrontApi = defineApi({
  name: 'storefront',
  title: 'Tea shop',
  version: '1.0.0',
  routes: [listOrders, paymentOf, shipmentOf, orderPage, home],
});
