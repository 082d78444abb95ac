import { describe, expect, it } from 'vitest';
import { createTenantDirectory } from '../../../lib/tenancy/index.ts';
import { createTestClock } from '../../fixtures/event-maker.ts';

/** A directory over answers that the test gives. */
function createRig(options: { readonly cacheSeconds?: number } = {}) {
  const clock = createTestClock();
  const asked: string[] = [];
  const unread: unknown[] = [];
  const place: { answer: () => Promise<boolean> } = { answer: async () => true };
  const tenants = createTenantDirectory({
    clock,
    read(tenantId) {
      asked.push(tenantId);
      return place.answer();
    },
    onUnread: (error) => void unread.push(error),
    ...options,
  });
  return { clock, asked, unread, place, tenants };
}

const away = async () => {
  throw new Error('the table is away');
};

describe('a directory of tenants', () => {
  it('asks once for 30 seconds, also if it is asked at the same time', async () => {
    const { clock, asked, place, tenants } = createRig();

    expect(await Promise.all([tenants.isActive('acme'), tenants.isActive('acme')])).toStrictEqual([true, true]);
    place.answer = async () => false;
    clock.advance(29_999);
    expect(await tenants.isActive('acme')).toBe(true);
    clock.advance(1);
    expect(await tenants.isActive('acme')).toBe(false);

    expect(asked).toStrictEqual(['acme', 'acme']);
  });

  it('remembers each tenant by itself', async () => {
    const { asked, place, tenants } = createRig();
    await tenants.isActive('acme');
    place.answer = async () => false;

    expect(await tenants.isActive('globex')).toBe(false);
    expect(await tenants.isActive('acme')).toBe(true);
    expect(asked).toStrictEqual(['acme', 'globex']);
  });

  it.each([true, false])('keeps the last answer (%s) while it cannot ask, and asks again each second', async (last) => {
    const { clock, asked, unread, place, tenants } = createRig();
    place.answer = async () => last;
    await tenants.isActive('acme');
    place.answer = away;
    clock.advance(60_000);

    expect([await tenants.isActive('acme'), await tenants.isActive('acme')]).toStrictEqual([last, last]);
    expect([asked.length, unread.length]).toStrictEqual([2, 1]);

    place.answer = async () => !last;
    clock.advance(1_000);
    expect(await tenants.isActive('acme')).toBe(!last);
  });

  it('fails if it cannot ask and does not know, and asks again at once', async () => {
    const { place, tenants } = createRig();
    place.answer = away;

    await expect(tenants.isActive('acme')).rejects.toMatchObject({
      code: 'TENANT_UNREAD',
      disposition: 'defer',
      retryAfterSeconds: 5,
      cause: { message: 'the table is away' },
    });
    place.answer = async () => true;
    expect(await tenants.isActive('acme')).toBe(true);
  });

  it('forgets the tenant that was asked for the longest time ago, beyond 10,000', async () => {
    const { asked, tenants } = createRig();
    for (let tenant = 0; tenant <= 10_000; tenant++) await tenants.isActive(`t-${tenant}`);
    asked.splice(0);

    await tenants.isActive('t-10000');
    await tenants.isActive('t-1');
    expect(asked).toStrictEqual([]);
    await tenants.isActive('t-0');
    expect(asked).toStrictEqual(['t-0']);
  });

  it.each([0, 3601, Number.NaN])('refuses to use answers for %s seconds', (cacheSeconds) => {
    expect(() => createRig({ cacheSeconds })).toThrow(
      new RangeError(`cacheSeconds must be from 1 to 3600, got ${cacheSeconds}`),
    );
  });
});
