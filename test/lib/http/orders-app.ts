import * as z from 'zod';
import { defineApi, defineEvent, defineRoute, type TableSchema } from '../../../lib/definitions/index.ts';
import { type ApiHandlers, preconditionFailed } from '../../../lib/http/index.ts';
import { ifUnchanged } from '../../../lib/outbox/index.ts';
import type { TenantTable } from '../../../lib/tenancy/index.ts';

export const ORDERS_TABLE = {
  partitionKey: { name: 'orderId', type: 'S' },
  indexes: [{ name: 'byStatus', partitionKey: { name: 'status', type: 'S' }, sortKey: { name: 'orderId', type: 'S' } }],
} as const satisfies TableSchema;

export const orderSchema = z.object({
  orderId: z.string(),
  product: z.string(),
  quantity: z.int(),
  status: z.string(),
  version: z.int(),
});
export type Order = z.output<typeof orderSchema>;

export const OrderPlaced = defineEvent({
  type: 'com.example.order.placed',
  source: '/orders',
  version: 1,
  schema: z.object({ orderId: z.string(), by: z.string() }),
  group: ({ orderId }) => `order#${orderId}`,
});

const item = z.object({ product: z.string().min(1).max(40), quantity: z.int().min(1).max(99) });

const placeOrder = defineRoute({
  key: 'POST /orders',
  summary: 'Places an order',
  scopes: ['orders:write'],
  body: item,
  answers: { 202: { description: 'The order is accepted', schema: z.object({ orderId: z.string() }) } },
  problems: {
    PRODUCT_UNKNOWN: { status: 404, title: 'There is no such product' },
    ORDER_EXISTS: { status: 409, title: 'There is an order with this id' },
  },
  idempotent: true,
  maxBodyBytes: 1000,
});

const orderById = defineRoute({
  key: 'GET /orders/{orderId}',
  summary: 'Shows an order',
  scopes: ['orders:read', 'orders:write'],
  answers: { 200: { description: 'The order', schema: orderSchema } },
  problems: { ORDER_NOT_FOUND: { status: 404, title: 'There is no such order' } },
});

const changeOrder = defineRoute({
  key: 'PUT /orders/{orderId}',
  summary: 'Changes an order',
  scopes: ['orders:write'],
  body: item,
  ifMatch: 'required',
  answers: { 204: { description: 'The order is changed' } },
  problems: { ORDER_NOT_FOUND: { status: 404, title: 'There is no such order' } },
});

const listOrders = defineRoute({
  key: 'GET /orders',
  summary: 'Lists orders',
  scopes: ['orders:read'],
  query: z.object({
    status: z.array(z.enum(['placed', 'shipped'])).optional(),
    limit: z.coerce.number().int().min(1).max(10).default(10),
    next: z.string().optional(),
  }),
  answers: {
    200: {
      description: 'One page of orders',
      schema: z.object({ orders: z.array(orderSchema), next: z.string().optional() }),
    },
  },
});

const health = defineRoute({
  key: 'GET /health',
  summary: 'Says whether the API works',
  scopes: 'public',
  answers: { 200: { description: 'It works', schema: z.object({ ok: z.boolean() }) } },
});

export const ordersApi = defineApi({
  name: 'orders',
  title: 'Orders',
  version: '1.0.0',
  routes: [placeOrder, orderById, changeOrder, listOrders, health],
});

export interface OrdersDeps {
  readonly orders: TenantTable<Order>;
  readonly newId: () => string;
  /** Runs at the start of each command, for what a test does in between. */
  readonly meanwhile: () => void | Promise<void>;
}

export const createOrderHandlers = ({ orders, newId, meanwhile }: OrdersDeps): ApiHandlers<typeof ordersApi> => ({
  async 'POST /orders'({ body, principal }, { tx, problem }) {
    await meanwhile();
    if (body.product === 'unicorn') throw problem('PRODUCT_UNKNOWN', 'unicorns are sold out');
    const orderId = newId();
    orders.within(tx).put({ Item: { orderId, ...body, status: 'placed', version: 1 } });
    tx.publish(OrderPlaced, { orderId, by: principal.subject });
    return { status: 202, body: { orderId }, headers: { location: `/orders/${orderId}` } };
  },
  async 'GET /orders/{orderId}'({ params }, { problem }) {
    const order = await orders.get({ orderId: params.orderId });
    if (order === undefined) throw problem('ORDER_NOT_FOUND');
    return { status: 200, body: order, etag: order.version };
  },
  async 'PUT /orders/{orderId}'({ params, body, ifMatch }, { tx, problem }) {
    const order = await orders.get({ orderId: params.orderId });
    if (order === undefined) throw problem('ORDER_NOT_FOUND');
    ifMatch.assert(order.version);
    await meanwhile();
    orders.within(tx).put({
      Item: { ...order, ...body, version: order.version + 1 },
      ...ifUnchanged('version', order.version),
      refused: preconditionFailed,
    });
    return { status: 204 };
  },
  async 'GET /orders'({ query }) {
    const [status = 'placed'] = query.status ?? [];
    const { items, next } = await orders.query({
      indexName: 'byStatus',
      partition: status,
      limit: query.limit,
      ...(query.next === undefined ? {} : { after: query.next }),
    });
    return { status: 200, body: { orders: [...items], ...(next === undefined ? {} : { next }) } };
  },
  'GET /health': () => ({ status: 200, body: { ok: true } }),
});
