import { describe, expect, it } from 'vitest';
import { createMovableClock, watchSchedule } from '../../local/clock.ts';
import { type DrivenRun, driveTime } from '../../local/drive-time.ts';

const HOUR_MS = 3_600_000;

/** A run on a machine whose clock stands still; it settles by `settle`. */
function createIdleRun() {
  const clock = createMovableClock(() => 0);
  const engines = watchSchedule(clock);
  const state = { isUnsettled: true, invocations: 0, waitingForTime: 0, timers: 0 };
  const run: DrivenRun = {
    clock,
    nextDueAt: engines.nextDueAt,
    unsettled: () => (state.isUnsettled ? ['queue Billing.fifo: 1 in flight'] : []),
    lambda: {
      activity: () => ({ invocations: state.invocations, busyMappings: [] }),
      waitingForTime: () => state.waitingForTime,
    },
    scheduler: { pendingTimers: () => state.timers },
  };
  return { clock, engines, state, run };
}

const FAST = { lookEveryMs: 1 };

describe('driving time', () => {
  it('advances the clock to the next due task until no work is left', async () => {
    const { clock, engines, state, run } = createIdleRun();
    const at: number[] = [];
    engines.schedule(HOUR_MS, () => {
      at.push(clock.now());
      engines.schedule(2 * HOUR_MS, () => {
        at.push(clock.now());
        state.isUnsettled = false;
      });
    });
    engines.schedule(24 * HOUR_MS, () => at.push(clock.now()));

    await driveTime(run, FAST);

    expect(at).toStrictEqual([HOUR_MS, 3 * HOUR_MS]);
    expect(clock.now()).toBe(3 * HOUR_MS);
  });

  it('lets every one-time schedule fire even if no other work is left', async () => {
    const { clock, engines, state, run } = createIdleRun();
    state.isUnsettled = false;
    state.timers = 1;
    engines.schedule(HOUR_MS, () => {
      state.timers = 0;
    });

    await driveTime(run, FAST);

    expect(clock.now()).toBe(HOUR_MS);
  });

  it('does not advance the clock while a function runs', async () => {
    const { clock, engines, state, run } = createIdleRun();
    engines.schedule(HOUR_MS, () => {
      state.isUnsettled = false;
    });
    state.invocations = 1;
    let looks = 0;
    const watched: DrivenRun = {
      ...run,
      unsettled: () => {
        if (++looks === 30) {
          expect(clock.now()).toBe(0);
          state.invocations = 0;
        }
        return run.unsettled();
      },
    };

    await driveTime(watched, FAST);

    expect(clock.now()).toBe(HOUR_MS);
  });

  it('advances the clock past the timeout of frozen workers', async () => {
    const { engines, state, run } = createIdleRun();
    state.invocations = 2;
    state.waitingForTime = 2;
    engines.schedule(30_000, () => {
      state.isUnsettled = false;
    });

    await driveTime(run, FAST);

    expect(run.clock.now()).toBe(30_000);
  });

  it('ends with the reason of its signal', async () => {
    const { run } = createIdleRun();

    const driven = driveTime(run, { ...FAST, signal: AbortSignal.abort(new Error('interrupted')) });

    await expect(driven).rejects.toThrow('interrupted');
  });
});

describe('a watched schedule', () => {
  it('reports when its own first task is due, without cancelled, finished and other schedulers’ tasks', () => {
    const clock = createMovableClock(() => 0);
    const engines = watchSchedule(clock);

    clock.schedule(10, () => {});
    const takeBack = engines.schedule(20, () => {});
    engines.schedule(30, () => {});
    engines.schedule(40, () => {});

    expect(engines.nextDueAt()).toBe(20);
    takeBack();
    expect(engines.nextDueAt()).toBe(30);
    clock.advance(30);
    expect(engines.nextDueAt()).toBe(40);
    clock.advance(10);
    expect(engines.nextDueAt()).toBeUndefined();
  });
});
