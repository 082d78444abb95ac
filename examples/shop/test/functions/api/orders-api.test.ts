import { describe, expect, it } from 'vitest';
import type { SentRequest } from '../../../../../test/lib/http/api-rig.ts';
import { createShopApi, customer, gbp, PARTNER } from './shop-api.ts';

const BODY = { lines: [{ sku: 'TEA', quantity: 2 }], total: gbp(500) };
const JANE = customer('jane');

const keyed = (claims: Readonly<Record<string, string>>, body: object, key = 'k-1'): SentRequest => ({
  claims,
  body,
  headers: { 'idempotency-key': key },
});

describe('POST /orders', () => {
  it('places an order of the caller, with an id of its own, and says where its operation is', async () => {
    const api = createShopApi();

    const answer = await api.send('POST /orders', keyed(JANE, BODY));

    expect(answer).toMatchObject({
      status: 202,
      headers: { location: '/operations/o-1' },
      json: { orderId: 'o-1', operation: '/operations/o-1' },
    });
    expect(api.items('orders')).toMatchObject([{ orderId: { S: 'o-1' }, customerId: { S: 'jane' } }]);
    expect(api.events()).toMatchObject([{ type: 'com.example.order.placed', group: 'order#o-1' }]);
    const operation = await api.send('GET /operations/{operationId}', { claims: JANE, params: { operationId: 'o-1' } });
    expect(operation).toMatchObject({ status: 200, json: { kind: 'place-order', status: 'running' } });
  });

  it('places it once, however often it is repeated with its key', async () => {
    const api = createShopApi();

    const [first, second] = [
      await api.send('POST /orders', keyed(JANE, BODY)),
      await api.send('POST /orders', keyed(JANE, BODY)),
    ];

    expect(second).toMatchObject({ status: 202, json: first.json, headers: { 'idempotent-replayed': 'true' } });
    expect(api.items('orders')).toHaveLength(1);
  });

  it('answers an order that a partner places again under its own id and another key, and changes nothing', async () => {
    const api = createShopApi();
    const order = { ...BODY, orderId: '536365', customerId: '17850' };
    await api.send('POST /orders', keyed(PARTNER, order));

    const answer = await api.send('POST /orders', keyed(PARTNER, order, 'k-2'));

    expect(answer).toMatchObject({ status: 200, headers: { location: '/orders/536365' }, json: { orderId: '536365' } });
    expect(api.events()).toHaveLength(1);
  });

  it.each([
    ['for another customer', JANE, { customerId: 'john' }, 403, 'CUSTOMER_FORBIDDEN', 'leave customerId out'],
    ['under an id of their own', JANE, { orderId: '1' }, 403, 'ORDER_ID_FORBIDDEN', 'leave orderId out'],
    [
      'of an unknown product',
      JANE,
      { lines: [{ sku: 'SAND', quantity: 1 }] },
      422,
      'PLACE_ORDER_SKU_UNKNOWN',
      "the order cannot be placed: the catalog has no product 'SAND': add it with change-product, or leave the line out",
    ],
    [
      'at another total',
      JANE,
      { total: gbp(499) },
      422,
      'PLACE_ORDER_TOTAL_WRONG',
      'the order cannot be placed: its total is 499 minor units of GBP, by the price list its lines cost 500 minor units of GBP: read the prices again and ask the customer',
    ],
  ])('refuses an order %s, and writes nothing', async (_, claims, changes, status, code, detail) => {
    const api = createShopApi();

    const answer = await api.send('POST /orders', keyed(claims, { ...BODY, ...changes }));

    expect(answer).toMatchObject({ status, json: { code, detail } });
    expect([...api.items('orders'), ...api.items('operations'), ...api.events()]).toStrictEqual([]);
  });

  it('refuses another order under the id of one', async () => {
    const api = createShopApi();
    const order = { ...BODY, orderId: '536365', customerId: '17850' };
    await api.send('POST /orders', keyed(PARTNER, order));

    const answer = await api.send('POST /orders', keyed(PARTNER, { ...order, customerId: '12345' }, 'k-2'));

    expect(answer).toMatchObject({ status: 409, json: { code: 'PLACE_ORDER_ID_TAKEN' } });
    expect(api.events()).toHaveLength(1);
  });

  it("keeps tenants apart by the token's claim, under equal order ids", async () => {
    const api = createShopApi({ tenancy: 'required' });
    const order = { ...BODY, orderId: '536365', customerId: '17850' };

    for (const tenant of ['acme', 'globex']) {
      const answer = await api.send('POST /orders', keyed({ ...PARTNER, tenant }, order));
      expect(answer.status).toBe(202);
    }

    expect(api.items('orders').map((item) => item['orderId']?.S)).toStrictEqual(['acme#536365', 'globex#536365']);
    expect(await api.send('POST /orders', keyed(PARTNER, order))).toMatchObject({ status: 403 });
  });
});

describe('an order of a customer', () => {
  const READS = ['GET /orders/{orderId}', 'GET /operations/{operationId}', 'POST /orders/{orderId}/cancellation'];
  const params = { orderId: 'o-1', operationId: 'o-1' };

  it.each(READS)('is shown to its customer and to partners only: %s', async (route) => {
    const api = createShopApi();
    await api.send('POST /orders', keyed(JANE, BODY));

    const john = await api.send(route, { claims: customer('john'), params });
    const before = api.events().length;
    const jane = await api.send(route, { claims: JANE, params });
    const partner = await api.send(route, { claims: PARTNER, params });

    expect(john).toMatchObject({ status: 404, json: { code: expect.stringMatching(/^(ORDER|OPERATION)_NOT_FOUND$/) } });
    expect(before).toBe(1);
    expect([jane.status, partner.status]).toStrictEqual(route.startsWith('GET') ? [200, 200] : [202, 202]);
  });

  it('has an ETag that each change of its status changes', async () => {
    const api = createShopApi();
    await api.send('POST /orders', keyed(JANE, BODY));

    const first = await api.send('GET /orders/{orderId}', { claims: JANE, params });
    const known = { claims: JANE, params, headers: { 'if-none-match': String(first.headers['etag']) } };
    const unchanged = await api.send('GET /orders/{orderId}', known);
    await api.send('POST /orders/{orderId}/cancellation', { claims: JANE, params });
    const changed = await api.send('GET /orders/{orderId}', known);

    expect(first.json).toMatchObject({ orderId: 'o-1', status: 'placed', ...BODY });
    expect(unchanged).toMatchObject({ status: 304, json: undefined });
    expect(changed).toMatchObject({ status: 200, json: { status: 'cancelling', cancellationReason: 'customer' } });
  });

  it('is cancelled once, however often it is asked for', async () => {
    const api = createShopApi();
    await api.send('POST /orders', keyed(JANE, BODY));

    for (let times = 0; times < 2; times++) {
      const answer = await api.send('POST /orders/{orderId}/cancellation', { claims: JANE, params });
      expect(answer).toMatchObject({ status: 202, json: { orderId: 'o-1', outcome: 'requested' } });
    }

    expect(api.events().map(({ type }) => type)).toStrictEqual([
      'com.example.order.placed',
      'com.example.order.cancellation-requested',
    ]);
  });
});
