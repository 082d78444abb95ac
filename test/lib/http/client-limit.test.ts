import { describe, expect, it } from 'vitest';
import { defineApi } from '../../../lib/definitions/index.ts';
import { createClientLimiter } from '../../../lib/http/client-limiter.ts';
import type { ClientUsage } from '../../../lib/http/index.ts';
import { createTestClock } from '../../fixtures/event-maker.ts';
import { createApiRig, JANE } from './api-rig.ts';
import { ordersApi } from './orders-app.ts';

const limited = (requests: number) => defineApi({ ...ordersApi, clientLimit: { requests, seconds: 60 } });

/** Counts as DynamoDB does, and tells the sizes of its leases. */
function createUsage(): ClientUsage & { readonly leases: number[] } {
  const used = new Map<string, number>();
  const leases: number[] = [];
  return {
    leases,
    async lease({ id, lease, limit }) {
      leases.push(lease);
      const before = used.get(id) ?? 0;
      if (before >= limit) return 0;
      used.set(id, before + lease);
      return Math.min(lease, limit - before);
    },
  };
}

describe('the limit per client', () => {
  it('refuses requests beyond it until the window ends', async () => {
    const rig = createApiRig({ api: limited(3) });
    const statuses = [];
    for (let count = 0; count < 5; count++) statuses.push((await rig.send('GET /orders')).status);

    expect(statuses).toStrictEqual([200, 200, 200, 429, 429]);
    expect(await rig.send('GET /orders')).toMatchObject({
      headers: { 'retry-after': '60' },
      json: { code: 'RATE_LIMITED' },
    });
    expect(await rig.send('GET /orders', { claims: { ...JANE, sub: 'joe' } })).toMatchObject({ status: 200 });
    rig.clock.advance(60_000);
    expect(await rig.send('GET /orders')).toMatchObject({ status: 200 });
  });

  it('counts over all containers', async () => {
    const rig = createApiRig({ api: limited(4) });
    const containers = [rig.newHandler(), rig.newHandler(), rig.newHandler()];
    const statuses = [];
    for (let count = 0; count < 6; count++) {
      statuses.push((await rig.send('GET /orders', {}, containers[count % 3])).status);
    }

    expect(statuses).toStrictEqual([200, 200, 200, 200, 429, 429]);
  });

  it('does not store a 429 under an idempotency key', async () => {
    const rig = createApiRig({ api: limited(1) });
    const place = () =>
      rig.send('POST /orders', { headers: { 'idempotency-key': 'k' }, body: { product: 'lamp', quantity: 1 } });
    await rig.send('GET /orders');

    expect(await place()).toMatchObject({ status: 429 });
    rig.clock.advance(60_000);
    expect(await place()).toMatchObject({ status: 202 });
  });

  it('admits requests if it cannot be counted, and tells so', async () => {
    const told: unknown[] = [];
    const limiter = createClientLimiter({
      clock: createTestClock(),
      onUnavailable: (error) => told.push(error),
      usage: {
        lease: async () => {
          throw new Error('throttled');
        },
      },
    });

    expect(await limiter.refusalOf('orders', 'jane', { requests: 1, seconds: 60 })).toBeUndefined();
    expect(told).toMatchObject([{ message: 'throttled' }]);
  });

  it.each([
    [1000, 100, [50, 50]],
    [200, 100, [20, 20, 20, 20, 20]],
    [5, 8, [1, 1, 1, 1, 1, 1]],
  ])('of %i requests asks DynamoDB once per lease', async (requests, sent, leases) => {
    const usage = createUsage();
    const limiter = createClientLimiter({ usage, clock: createTestClock(), onUnavailable: () => undefined });
    let admitted = 0;
    for (let count = 0; count < sent; count++) {
      const refusal = await limiter.refusalOf('orders', 'jane', { requests, seconds: 60 });
      if (refusal === undefined) admitted++;
    }

    expect(usage.leases).toStrictEqual(leases);
    expect(admitted).toBe(Math.min(requests, sent));
  });
});
