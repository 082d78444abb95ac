import { describe, expect, it } from 'vitest';
import { handlersFor } from '../../../lib/consumer/index.ts';
import { defineSubscription, type TenancyMode } from '../../../lib/definitions/index.ts';
import type { TenantTable } from '../../../lib/tenancy/index.ts';
import { createHarness } from '../../../lib/testing/index.ts';
import {
  createOrderHandlers,
  ORDERS_TABLE,
  type Order,
  OrderPlaced,
  orderSchema,
  ordersApi,
} from '../http/orders-app.ts';
import { carrier, ParcelMoved, parcels } from '../webhook/webhook-rig.ts';

const LAMP = { product: 'lamp', quantity: 2 };
const KEY = { 'idempotency-key': 'k-1' };

function createShop(tenancy: TenancyMode = 'required') {
  const shop = createHarness({
    tables: { orders: ORDERS_TABLE },
    tenancy,
    tenants: { isActive: async (tenantId) => tenantId !== 'suspended' },
  });
  const orders: TenantTable<Order> = shop.table('orders', (item) => orderSchema.parse(item));
  let ids = 0;
  const api = shop.serveApi(
    ordersApi,
    createOrderHandlers({ orders, newId: () => `o-${++ids}`, meanwhile: () => undefined }),
  );
  return { shop, api };
}

const JANE = { subject: 'jane', tenantId: 'acme' };

describe('an API of the harness', () => {
  it('answers a principal, and returns what its handler wrote and published', async () => {
    const { api } = createShop();

    const answer = await api.call('POST /orders', { body: LAMP, headers: KEY, principal: JANE });

    expect(answer).toMatchObject({ status: 202, body: { orderId: 'o-1' }, headers: { location: '/orders/o-1' } });
    expect(answer.writes).toMatchObject([{ action: 'Put', table: 'orders', item: { orderId: 'acme#o-1' } }]);
    expect(answer.eventsOf(OrderPlaced)).toMatchObject([
      { tenantid: 'acme', authtype: 'app_user', authid: 'jane', data: { orderId: 'o-1', by: 'jane' } },
    ]);
  });

  it('answers a repetition with the stored answer, and does nothing', async () => {
    const { api } = createShop();
    await api.call('POST /orders', { body: LAMP, headers: KEY, principal: JANE });

    const answer = await api.call('POST /orders', { body: LAMP, headers: KEY, principal: JANE });

    expect(answer).toMatchObject({
      status: 202,
      body: { orderId: 'o-1' },
      headers: { 'idempotent-replayed': 'true' },
      writes: [],
      events: [],
    });
  });

  it.each([
    ['without a token', { principal: 'none' as const }, 401, 'TOKEN_MISSING'],
    ['without the scope', { principal: { ...JANE, scopes: ['orders:read'] } }, 403, 'SCOPE_MISSING'],
    ['without a tenant', { principal: { subject: 'jane' } }, 403, 'TENANT_MISSING'],
    ['of a suspended tenant', { principal: { tenantId: 'suspended' } }, 403, 'TENANT_INACTIVE'],
    ['with a body that does not fit', { principal: JANE, body: { product: 'lamp' } }, 400, 'REQUEST_INVALID'],
  ])('refuses a call %s, and writes nothing', async (_, request, status, code) => {
    const { api } = createShop();

    expect(await api.call('POST /orders', { body: LAMP, headers: KEY, ...request })).toMatchObject({
      status,
      body: { code },
      writes: [],
      events: [],
    });
  });

  it('gives parameters and the query to the handler, names that are repeated among them', async () => {
    const { api } = createShop();
    await api.call('POST /orders', { body: LAMP, headers: KEY, principal: JANE });
    const query = { status: ['placed', 'shipped'], limit: '3' };

    expect(await api.call('GET /orders/{orderId}', { params: { orderId: 'o-1' }, principal: JANE })).toMatchObject({
      status: 200,
      body: { product: 'lamp' },
      headers: { etag: '"1"' },
    });
    expect(await api.call('GET /orders', { query, principal: JANE })).toMatchObject({
      body: { orders: [{ orderId: 'o-1' }] },
    });
  });

  it('leads to the consumers that are served', async () => {
    const { shop, api } = createShop('none');
    const seen: unknown[] = [];
    const books = defineSubscription({ name: 'books', events: [OrderPlaced] });
    shop.serve(handlersFor(books, { 'com.example.order.placed': (_, { principal }) => void seen.push(principal) }));

    await api.call('POST /orders', { body: LAMP, headers: KEY });
    await shop.runToEnd();

    expect(seen).toStrictEqual([{ type: 'app_user', id: 'user-1' }]);
  });

  it('refuses a route that it does not have', async () => {
    const { api } = createShop();

    await expect(api.call('GET /nowhere' as 'GET /orders')).rejects.toMatchObject({
      code: 'TESTING_MISUSED',
      message: expect.stringContaining("API 'orders' has no route 'GET /nowhere', it has 'POST /orders'"),
    });
  });
});

describe('a webhook of the harness', () => {
  const body = { type: 'tracking.updated', data: { parcel: 'p-1', status: 'delivered' } };

  it('publishes what it translates, once per delivery', async () => {
    const hook = createHarness({ tenancy: 'required' }).serveWebhook(carrier);
    const sent = { tenantId: 'acme', headers: { 'webhook-id': 'msg-1' }, body };

    const first = await hook.receive(sent);
    const second = await hook.receive(sent);

    expect(first.status).toBe(204);
    expect(first.eventsOf(ParcelMoved)).toMatchObject([{ tenantid: 'acme', data: body.data }]);
    expect(second).toMatchObject({ status: 204, events: [] });
  });

  it('reads id and type as the scheme does, and refuses what does not fit', async () => {
    const hook = createHarness({ tenancy: 'required' }).serveWebhook(parcels);
    const headers = { 'x-delivery': 'd-1', 'x-type': 'tracking.updated' };

    expect(await hook.receive({ tenantId: 'acme', headers, body })).toMatchObject({ status: 204, events: [{}] });
    const misfit = { ...body, data: {} };
    expect(await hook.receive({ tenantId: 'acme', headers, body: misfit })).toMatchObject({ status: 400, events: [] });
  });
});
