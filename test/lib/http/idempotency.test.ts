import { describe, expect, it } from 'vitest';
import { createApiRig, JANE } from './api-rig.ts';

const KEY = { 'idempotency-key': '8e03978e-40d5-43dd-bc93-6894a57f9324' };
const BODY = { product: 'lamp', quantity: 2 };

const place = (rig: ReturnType<typeof createApiRig>, more: object = {}, to?: ReturnType<typeof rig.newHandler>) =>
  rig.send('POST /orders', { headers: KEY, body: BODY, ...more }, to);

describe('an idempotent route', () => {
  it('refuses a request without its key', async () => {
    const rig = createApiRig();

    expect(await place(rig, { headers: {} })).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/problem+json' },
      json: { code: 'IDEMPOTENCY_KEY_MISSING', type: 'urn:waybill:problem:IDEMPOTENCY_KEY_MISSING', status: 400 },
    });
    expect([rig.orders(), rig.commits()]).toStrictEqual([0, 0]);
  });

  it.each(['a b', 'ä', 'x'.repeat(256), '"open'])('refuses the key %s', async (key) => {
    const rig = createApiRig();

    expect(await place(rig, { headers: { 'idempotency-key': key } })).toMatchObject({
      status: 400,
      json: { code: 'IDEMPOTENCY_KEY_INVALID' },
    });
  });

  it('answers a repetition as the first time, and does its work once', async () => {
    const rig = createApiRig();

    const first = await place(rig);
    const second = await place(rig, {}, rig.newHandler());

    expect(first).toMatchObject({ status: 202, json: { orderId: 'o-1' } });
    expect(first.headers).not.toHaveProperty('idempotent-replayed');
    expect(second).toMatchObject({
      status: 202,
      text: '{"orderId":"o-1"}',
      headers: { 'idempotent-replayed': 'true', location: '/orders/o-1', 'content-type': 'application/json' },
    });
    expect([rig.orders(), rig.events().length]).toStrictEqual([1, 1]);
  });

  it('takes a quoted key, as structured fields write it, for the same one', async () => {
    const rig = createApiRig();
    await place(rig, { headers: { 'idempotency-key': '"k-1"' } });

    expect(await place(rig, { headers: { 'idempotency-key': 'k-1' } })).toMatchObject({
      headers: { 'idempotent-replayed': 'true' },
    });
  });

  it('refuses a key that came with another body', async () => {
    const rig = createApiRig();
    await place(rig);

    expect(await place(rig, { body: { ...BODY, quantity: 3 } })).toMatchObject({
      status: 422,
      json: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect(rig.orders()).toBe(1);
  });

  it('keeps the keys of users, and of tenants, apart', async () => {
    const rig = createApiRig();
    await place(rig);

    expect(await place(rig, { claims: { ...JANE, sub: 'joe' } })).toMatchObject({ json: { orderId: 'o-2' } });
    expect(await place(rig, { claims: { ...JANE, tenant: 'globex' } })).toMatchObject({ json: { orderId: 'o-3' } });
  });

  it('refuses a repetition while the first request is being worked on', async () => {
    const rig = createApiRig();
    const during = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    rig.meanwhile.run = () => {
      started.resolve();
      return during.promise;
    };
    const first = place(rig);
    await started.promise;

    expect(await place(rig, {}, rig.newHandler())).toMatchObject({
      status: 409,
      headers: { 'retry-after': '30' },
      json: { code: 'IDEMPOTENCY_KEY_IN_FLIGHT' },
    });
    during.resolve();
    expect(await first).toMatchObject({ status: 202 });
    expect(rig.orders()).toBe(1);
  });

  it('keeps a refusal as an answer', async () => {
    const rig = createApiRig();
    const unicorn = { body: { product: 'unicorn', quantity: 1 } };

    expect(await place(rig, unicorn)).toMatchObject({ status: 404, json: { code: 'PRODUCT_UNKNOWN' } });
    expect(await place(rig, unicorn)).toMatchObject({
      status: 404,
      json: { code: 'PRODUCT_UNKNOWN', detail: 'unicorns are sold out' },
      headers: { 'idempotent-replayed': 'true' },
    });
  });

  it.each([
    ['500', 500, () => new Error('the disk of db-7 is full')],
    ['409', 409, () => Object.assign(new Error('there is one'), { code: 'ORDER_EXISTS' })],
  ])('forgets a %s, so that the repetition is worked on', async (_, status, error) => {
    const rig = createApiRig();
    rig.meanwhile.run = () => {
      throw error();
    };
    const refused = await place(rig);
    rig.meanwhile.run = () => undefined;

    expect(refused.status).toBe(status);
    expect(refused.text).not.toMatch(/db-7|there is one/);
    expect(await place(rig)).toMatchObject({ status: 202, json: { orderId: 'o-1' } });
  });

  it('keeps an answer for 24 hours', async () => {
    const rig = createApiRig();
    await place(rig);

    rig.clock.advance(24 * 3_600_000);
    expect(await place(rig)).toMatchObject({ headers: { 'idempotent-replayed': 'true' } });
    rig.clock.advance(1_001);
    expect(await place(rig)).toMatchObject({ status: 202, json: { orderId: 'o-2' } });
  });

  it('answers what was committed, if the response of the commit is lost', async () => {
    const rig = createApiRig();
    rig.faults.onCommit = async (commit, apply) => {
      rig.faults.onCommit = undefined;
      await apply(commit);
      throw new Error('the connection is lost');
    };

    expect(await place(rig)).toMatchObject({ status: 202, json: { orderId: 'o-1' } });
    expect(await place(rig)).toMatchObject({ status: 202, json: { orderId: 'o-1' } });
    expect([rig.orders(), rig.events().length]).toStrictEqual([1, 1]);
  });

  it('commits nothing once it has answered that the request failed', async () => {
    const rig = createApiRig();
    let late: (() => Promise<unknown>) | undefined;
    rig.faults.onCommit = async (commit, apply) => {
      rig.faults.onCommit = undefined;
      // still under way when the caller stops waiting
      late = () => apply(commit);
      throw new Error('the connection is lost');
    };

    expect(await place(rig)).toMatchObject({ status: 500, json: { code: 'INTERNAL_ERROR' } });
    expect(await late?.()).toMatchObject({ kind: 'condition-failed' });
    expect(await place(rig)).toMatchObject({ status: 202 });
    expect([rig.orders(), rig.events().length]).toStrictEqual([1, 1]);
  });

  it.each([
    ['before its commit', false],
    ['after its commit', true],
  ])('does its work once, if the first execution ends %s without a word', async (_, committed) => {
    const rig = createApiRig();
    rig.faults.onCommit = async (commit, apply) => {
      rig.faults.onCommit = undefined;
      if (committed) await apply(commit);
      return new Promise(() => undefined);
    };
    void place(rig);
    await new Promise(setImmediate);

    const atOnce = await place(rig, {}, rig.newHandler());
    rig.clock.advance(30_001);
    const later = await place(rig, {}, rig.newHandler());

    expect(atOnce.status).toBe(committed ? 202 : 409);
    expect(later.status).toBe(202);
    expect(later.json.orderId).toBe(committed ? 'o-1' : 'o-2');
    expect([rig.orders(), rig.events().length]).toStrictEqual([1, 1]);
  });

  it('refuses the commit of an execution whose claim was taken over, and answers as the other one', async () => {
    const rig = createApiRig();
    rig.meanwhile.run = async () => {
      rig.meanwhile.run = () => undefined;
      rig.clock.advance(30_001);
      await place(rig, {}, rig.newHandler());
    };

    expect(await place(rig)).toMatchObject({ status: 202, json: { orderId: 'o-1' } });
    expect([rig.orders(), rig.events().length]).toStrictEqual([1, 1]);
  });

  it('asks for the key before anything is claimed, and for a valid body as well', async () => {
    const rig = createApiRig();
    await place(rig, { body: { product: '', quantity: 0 } });

    expect(rig.tables.items('requests')).toHaveLength(0);
    expect(await place(rig)).toMatchObject({ status: 202 });
  });
});
