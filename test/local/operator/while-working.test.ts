import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import { settleWithOperator, whileWorking } from '../../../local/operator/while-working.ts';

/** A run in which nothing moves. */
const settledRun = () => ({
  unsettled: () => [],
  clock: createMovableClock(() => 1_000),
  nextDueAt: () => undefined,
  lambda: { activity: () => ({ invocations: 0, busyMappings: [] }), waitingForTime: () => 0 },
  scheduler: { pendingTimers: () => 0 },
});

const { signal } = new AbortController();

describe('a run with an operator', () => {
  it('settles again after each delivery until no event is undeliverable', async () => {
    let waiting = 3;
    const rounds: number[] = [];
    const undeliverable = {
      waiting: () => waiting,
      deliver: async () => {
        rounds.push(waiting);
        waiting--;
        return 1;
      },
    };

    await settleWithOperator({ run: settledRun(), undeliverable, signal });

    expect(rounds).toStrictEqual([3, 2, 1]);
  });

  it('lets time pass while a message is not visible to the command', async () => {
    const run = settledRun();
    const undeliverable = { waiting: () => (run.clock.now() > 100_000 ? 0 : 1), deliver: async () => 0 };

    await settleWithOperator({ run, undeliverable, signal });

    expect(run.clock.now()).toBe(151_000);
  });

  it('stops its checks when the work ends, and returns the result of the work', async () => {
    const undeliverable = { waiting: () => 1, deliver: () => Promise.reject(new Error('throttled')) };

    expect(await whileWorking(Promise.resolve('done'), undeliverable)).toBe('done');
    await expect(whileWorking(Promise.reject(new Error('no shop')), undeliverable)).rejects.toThrow('no shop');
  });
});
