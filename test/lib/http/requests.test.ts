import { describe, expect, it } from 'vitest';
import { createApiRig, JANE } from './api-rig.ts';

const KEY = { 'idempotency-key': 'k' };
const BODY = { product: 'lamp', quantity: 2 };

describe('a request', () => {
  it('is refused with a pointer to every wrong value, and without the values', async () => {
    const rig = createApiRig();

    const { status, json, headers } = await rig.send('POST /orders', {
      headers: KEY,
      body: { product: 'jane@example.com'.repeat(9), quantity: 100 },
    });

    expect({ status, json, headers }).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
      json: {
        type: 'urn:waybill:problem:REQUEST_INVALID',
        title: 'The request is not valid',
        status: 400,
        code: 'REQUEST_INVALID',
        errors: [{ pointer: '#/body/product' }, { pointer: '#/body/quantity' }],
      },
    });
    expect(JSON.stringify(json)).not.toContain('jane@example.com');
    expect(rig.commits()).toBe(0);
  });

  it.each([
    ['no body', undefined, {}, 400, 'REQUEST_INVALID'],
    ['a text that is not JSON', '{"product":', {}, 400, 'BODY_INVALID'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'BODY_INVALID'],
    ['half a surrogate pair', '{"product":"\\ud800","quantity":1}', {}, 400, 'BODY_INVALID'],
    ['endless nesting', `${'['.repeat(300)}${']'.repeat(300)}`, {}, 400, 'BODY_INVALID'],
    [
      'a form',
      'product=lamp',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'CONTENT_TYPE_UNSUPPORTED',
    ],
    ['a compressed body', '{}', { 'content-encoding': 'gzip' }, 415, 'CONTENT_TYPE_UNSUPPORTED'],
    ['a body beyond its limit', ' '.repeat(1001), {}, 413, 'BODY_TOO_LARGE'],
  ])('with %s is refused', async (_, body, headers, status, code) => {
    const rig = createApiRig();

    expect(
      await rig.send('POST /orders', { headers: { ...KEY, ...headers }, ...(body === undefined ? {} : { body }) }),
    ).toMatchObject({
      status,
      json: { code },
    });
    expect(rig.commits()).toBe(0);
  });

  it.each([
    ['?status=placed&status=shipped', 200],
    ['?status=placed', 200],
    ['?status=placed&limit=3', 200],
    ['', 200],
    ['?limit=3&limit=4', 400],
    ['?status=lost', 400],
    ['?limit=11&status=placed', 400],
  ])('with the query %s is answered %i', async (query, status) => {
    expect(await createApiRig().send('GET /orders', { query })).toMatchObject({ status });
  });

  it('keeps every value of a repeated name', async () => {
    const rig = createApiRig();
    await rig.send('POST /orders', { headers: KEY, body: BODY });

    expect(await rig.send('GET /orders', { query: '?status=shipped&status=placed' })).toMatchObject({
      json: { orders: [] },
    });
    expect(await rig.send('GET /orders', { query: '?status=placed&status=shipped' })).toMatchObject({
      json: { orders: [{ orderId: 'o-1' }] },
    });
    expect(await rig.send('GET /orders', { query: '?limit=99&status=lost' })).toMatchObject({
      json: { errors: [{ pointer: '#/query/status/0' }, { pointer: '#/query/limit' }] },
    });
  });

  it('for a route that the code does not have is answered 404', async () => {
    expect(await createApiRig().send('GET /carts')).toMatchObject({ status: 404, json: { code: 'ROUTE_NOT_FOUND' } });
  });

  it('that fails says nothing of the inside', async () => {
    const rig = createApiRig();
    rig.meanwhile.run = () => {
      throw new Error('password=hunter2 is wrong for db-7');
    };

    const { status, json, headers } = await rig.send('POST /orders', { headers: KEY, body: BODY });

    expect(status).toBe(500);
    expect(json).toStrictEqual({
      type: 'urn:waybill:problem:INTERNAL_ERROR',
      title: 'The request failed',
      status: 500,
      code: 'INTERNAL_ERROR',
      correlationId: headers['x-correlation-id'],
    });
  });

  it('gives its correlation id and its trace to its events', async () => {
    const rig = createApiRig();
    await rig.send('POST /orders', {
      headers: {
        ...KEY,
        'x-correlation-id': 'checkout-7',
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
      body: BODY,
    });

    expect(JSON.parse(rig.events()[0]?.body ?? '')).toMatchObject({
      correlationid: 'checkout-7',
      traceparent: expect.stringMatching(/^00-4bf92f3577b34da6a3ce929d0e0e4736-/),
      tenantid: 'acme',
    });
  });

  it('with a correlation id that could forge a line of the log gets one of its own', async () => {
    const { headers } = await createApiRig().send('GET /health', { headers: { 'x-correlation-id': 'a\nb' } });

    expect(headers['x-correlation-id']).toBe('correlation-1');
  });
});

describe('the caller', () => {
  it.each([
    ['no token', null, 401, 'TOKEN_MISSING'],
    ['no subject', { scope: 'orders:write', tenant: 'acme' }, 401, 'TOKEN_MISSING'],
    ['another scope', { ...JANE, scope: 'orders:read' }, 403, 'SCOPE_MISSING'],
    ['an ID token', { sub: 'jane', tenant: 'acme', email: 'jane@example.com' }, 403, 'SCOPE_MISSING'],
    ['no tenant', { sub: 'jane', scope: 'orders:write' }, 403, 'TENANT_MISSING'],
    ['no tenant id as tenant', { ...JANE, tenant: 'acme#globex' }, 403, 'TENANT_MISSING'],
  ])('with %s is refused', async (_, claims, status, code) => {
    const rig = createApiRig();

    expect(await rig.send('POST /orders', { headers: KEY, body: BODY, claims })).toMatchObject({
      status,
      json: { code },
    });
    expect(rig.commits()).toBe(0);
  });

  it('works as the tenant of its claim, whatever headers and body say', async () => {
    const rig = createApiRig();
    await rig.send('POST /orders', {
      headers: { ...KEY, 'x-tenant-id': 'globex', tenant: 'globex' },
      body: { ...BODY, tenant: 'globex', tenantId: 'globex' },
    });

    expect(rig.tables.items('orders').map(({ orderId }) => orderId)).toStrictEqual([{ S: 'acme#o-1' }]);
    expect(
      await rig.send('GET /orders/{orderId}', { params: { orderId: 'o-1' }, claims: { ...JANE, tenant: 'globex' } }),
    ).toMatchObject({ status: 404, json: { code: 'ORDER_NOT_FOUND' } });
  });

  it('of a tenant that is not active is refused', async () => {
    const rig = createApiRig({ deps: { tenants: { isActive: async (tenantId) => tenantId !== 'acme' } } });

    expect(await rig.send('GET /orders')).toMatchObject({ status: 403, json: { code: 'TENANT_INACTIVE' } });
  });

  it('reads scopes from a list, as API Gateway writes it', async () => {
    const claims = { sub: 'jane', scp: '[orders:read orders:list]', tenant: 'acme' };

    expect(await createApiRig().send('GET /orders', { claims })).toMatchObject({ status: 200 });
  });

  it('needs no token on a public route', async () => {
    expect(await createApiRig().send('GET /health', { claims: null })).toMatchObject({
      status: 200,
      json: { ok: true },
    });
  });

  it('may not use a page token of another tenant', async () => {
    const rig = createApiRig();
    for (const key of ['1', '2']) {
      await rig.send('POST /orders', { headers: { 'idempotency-key': key }, body: BODY });
    }
    const { json } = await rig.send('GET /orders', { query: '?limit=1' });
    const next = `?limit=1&next=${encodeURIComponent(json.next)}`;

    expect(await rig.send('GET /orders', { query: next })).toMatchObject({ json: { orders: [{ orderId: 'o-2' }] } });
    expect(await rig.send('GET /orders', { query: next, claims: { ...JANE, tenant: 'globex' } })).toMatchObject({
      status: 400,
      json: { code: 'PAGE_TOKEN_INVALID' },
    });
  });
});
