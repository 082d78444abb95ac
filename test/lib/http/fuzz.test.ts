import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyRequest } from './any-request.ts';
import { createApiRig } from './api-rig.ts';
import { ordersApi } from './orders-app.ts';

const REQUESTS = 10_000;

describe(`${REQUESTS} requests of any kind`, () => {
  it('are answered without 5xx, and write nothing unless they are accepted', async () => {
    const rig = createApiRig();
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ordersApi.routes.map(({ key }) => key)), anyRequest, async (key, sent) => {
        const before = [rig.orders(), rig.events().length];

        const { status, headers } = await rig.send(key, sent);

        expect(status).toBeLessThan(500);
        expect(headers['x-correlation-id']).toMatch(/^[A-Za-z0-9._:-]+$/);
        if (status === 202 || status === 204) accepted++;
        else expect([rig.orders(), rig.events().length]).toStrictEqual(before);
      }),
      { numRuns: REQUESTS },
    );
    // else the property would say little
    expect(accepted).toBeGreaterThan(50);
  });
});
