import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../../../local/clock.ts';
import { watchStates } from '../../../local/orders/watch-states.ts';

const watch = (tookMs: number, failure?: Error) => {
  const clock = createMovableClock(() => 0);
  const errors: unknown[] = [];
  let looks = 0;
  const states = watchStates({
    clock,
    onError: (error) => errors.push(error),
    read: async () => {
      looks++;
      clock.advance(tookMs);
      if (failure !== undefined) throw failure;
      return new Map([['1', { state: 'paid', totalMinorUnits: 100 }]]);
    },
  });
  const advance = async (ms: number) => {
    clock.advance(ms);
    await setImmediate();
  };
  return { states, errors, advance, looks: () => looks };
};

describe('watchStates', () => {
  it('reads the states five times a second if a read takes no time', async () => {
    const { states, advance, looks } = watch(0);

    await advance(200);
    await advance(200);

    expect(looks()).toBe(2);
    expect([...states.counts()]).toEqual([['paid', 1]]);
  });

  it('pauses for ten times the duration of a read', async () => {
    const { advance, looks } = watch(300);
    await advance(200);

    await advance(2999);
    expect(looks()).toBe(1);

    await advance(1);
    expect(looks()).toBe(2);
  });

  it('stops reading after it is disposed of', async () => {
    const { states, advance, looks } = watch(0);

    states[Symbol.dispose]();
    await advance(1000);

    expect(looks()).toBe(0);
  });

  it('reports a failed read', async () => {
    const error = new Error('no such table');
    const { errors, advance } = watch(0, error);

    await advance(200);

    expect(errors).toEqual([error]);
  });
});
