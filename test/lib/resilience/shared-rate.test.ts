import { describe, expect, it } from 'vitest';
import { createSharedRate, type RateLedger, type RatePosition } from '../../../lib/resilience/shared-rate.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

/** Containers that share a rate, on one clock; each sleeps by waiting for the clock. */
function createContainers(count: number, ratePerSecond: number) {
  let now = 0;
  let position: RatePosition | undefined;
  let writes = 0;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const ledger: RateLedger = {
    read: async () => position,
    async write(before, nextAt) {
      if (before?.revision !== position?.revision) return false;
      writes++;
      position = { nextAt, revision: (before?.revision ?? 0) + 1 };
      return true;
    },
  };
  const containers = Array.from({ length: count }, () =>
    createSharedRate({
      ...{ name: 'supplier', ratePerSecond, ledger },
      clock: { now: () => now as EpochMs },
      sleep: (ms) => new Promise((wake) => sleepers.push({ at: now + ms, wake: () => wake() })),
    }),
  );
  const settled = async () => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  };
  return {
    containers,
    writes: () => writes,
    now: () => now,
    async passTo(time: number) {
      await settled();
      for (;;) {
        const next = sleepers.filter(({ at }) => at <= time).toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        sleepers.splice(sleepers.indexOf(next), 1);
        now = Math.max(now, next.at);
        next.wake();
        await settled();
      }
      now = time;
    },
  };
}

describe('a rate that containers share', () => {
  it('lets all of them together make no more calls than it says, and nearly as many', async () => {
    const bench = createContainers(4, 10);
    const calledAt: number[] = [];
    for (const container of bench.containers) {
      void (async () => {
        for (;;) {
          await container.take().catch(() => new Promise(() => undefined));
          calledAt.push(bench.now());
        }
      })();
    }

    await bench.passTo(30_000);

    for (const from of calledAt) {
      expect(calledAt.filter((at) => at >= from && at < from + 1000).length).toBeLessThanOrEqual(20);
    }
    expect(calledAt.length).toBeGreaterThanOrEqual(280);
    expect(calledAt.length).toBeLessThanOrEqual(310);
    // at most one for each second and container at work, and the first ones
    expect(bench.writes()).toBeLessThanOrEqual(60);
  });

  it('defers a call whose turn is more than five seconds away, and says when it is', async () => {
    const bench = createContainers(2, 0.1);
    const [first, second] = bench.containers;
    await first?.take();

    await expect(second?.take()).rejects.toMatchObject({
      code: 'EXTERNAL_RATE_REACHED',
      disposition: 'defer',
      retryAfterSeconds: 10,
      message:
        'supplier is called at its rate of 0.1 calls per second by all containers together: the next turn is in 10 s',
    });
    await bench.passTo(10_000);
    await expect(second?.take()).resolves.toBeUndefined();
  });

  it('does not save turns: a container that was idle has one, like any other', async () => {
    const bench = createContainers(1, 10);
    const [container] = bench.containers;
    for (let call = 0; call < 30; call++) {
      const taken = container?.take();
      await bench.passTo(bench.now() + 100);
      await taken;
    }
    await bench.passTo(bench.now() + 60_000);

    let made = 0;
    for (let call = 0; call < 20; call++)
      void container?.take().then(
        () => made++,
        () => undefined,
      );
    await bench.passTo(bench.now());

    expect(made).toBeLessThanOrEqual(2);
  });

  it.each([0, -1, 1001, Number.NaN])('refuses a rate of %d', (ratePerSecond) => {
    expect(() => createContainers(1, ratePerSecond)).toThrow(
      `ratePerSecond of 'supplier' must be above 0 and at most 1000, got ${ratePerSecond}`,
    );
  });
});
