import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../../../local/clock.ts';
import { createScreen } from '../../../../../local/view/screen.ts';
import { lookAfter } from '../../../local/cli/look-after.ts';
import type { Progress } from '../../../local/view/progress.ts';

const SETTLED: Progress = {
  elapsedMs: undefined,
  placed: 3,
  total: 3,
  notPlaced: 0,
  cancellations: 0,
  states: new Map([['shipped', 2]]),
  published: 9,
  handled: 20,
  duplicates: 0,
  failed: 1,
  syncs: undefined,
  waiting: new Map(),
  deadLetters: 1,
  undeliverable: 0,
};

const TROUBLE = 'order 3 is placed: order.placed, sequence 1, for payments is a dead letter in payments-dead.fifo';

/** A run that has settled with a dead letter. */
function settledRun(isTTY: boolean) {
  const clock = createMovableClock(() => 0);
  const written: string[] = [];
  const out = { isTTY, write: (text: string) => written.push(text) };
  const state = {
    progress: SETTLED,
    states: SETTLED.states,
    unsettled: [] as readonly string[],
    troubles: [TROUBLE] as readonly string[],
    judgements: 0,
    /** What happens while the run is judged. */
    meanwhile: () => {},
  };
  const interruption = new AbortController();
  const lookedAfter = lookAfter(
    {
      screen: createScreen({ out, err: out, terminalType: 'xterm' }),
      clock,
      read: () => ({ ...state.progress, states: state.states }),
      refresh: async () => {
        state.states = state.progress.states;
      },
      unsettled: () => state.unsettled,
      judge: async () => {
        state.judgements++;
        state.meanwhile();
        return state.troubles;
      },
      troubles: [TROUBLE],
    },
    interruption.signal,
  );
  lookedAfter.catch(() => {});
  return {
    state,
    written,
    interruption,
    lookedAfter,
    async passSeconds(count: number) {
      for (let second = 0; second < count; second++) {
        await setImmediate();
        clock.advance(1000);
        await setImmediate();
      }
    },
    /** What a redrive of the dead letter leads to. */
    redriven: () => {
      state.progress = { ...SETTLED, states: new Map([['shipped', 3]]), handled: 24, published: 11, deadLetters: 0 };
      state.troubles = [];
    },
  };
}

describe('a run that stays up', () => {
  it('prints nothing and gives no verdict while nothing changes', async () => {
    const { passSeconds, written, state } = settledRun(false);

    await passSeconds(20);

    expect({ written, judgements: state.judgements }).toStrictEqual({ written: [], judgements: 0 });
  });

  it('corrects its verdict after the dead letter is redriven and the run has settled', async () => {
    const { passSeconds, written, state, redriven } = settledRun(false);
    state.progress = { ...SETTLED, deadLetters: 0, waiting: new Map([['payments', 1]]) };
    state.unsettled = ['queue payments.fifo: 1 visible'];
    await passSeconds(3);
    redriven();
    await passSeconds(2);
    state.unsettled = [];
    await passSeconds(2);

    expect(written).toStrictEqual([
      '3 of 3 sent, 2 shipped, 9 published, 20 handled, 1 failed try, 1 waiting (payments 1)\n',
      '3 of 3 sent, 3 shipped, 11 published, 24 handled, 1 failed try\n',
      '\n',
      'The run has moved on, and was judged again.\n',
      '\n',
      'Every order reached its final state, all invariants hold; nothing was lost, repeated or out of order.\n',
    ]);
    expect(state.judgements).toBe(1);
  });

  it('corrects a good verdict that has become wrong', async () => {
    const { passSeconds, written, state } = settledRun(false);
    state.progress = { ...SETTLED, deadLetters: 2 };
    state.troubles = [TROUBLE, 'another dead letter'];

    await passSeconds(2);

    expect(written.slice(-3)).toStrictEqual([
      'Not everything is where it should be:\n',
      `  ${TROUBLE}\n`,
      '  another dead letter\n',
    ]);
  });

  it('does not print an unchanged verdict', async () => {
    const { passSeconds, written, state } = settledRun(false);
    state.progress = { ...SETTLED, handled: 21 };

    await passSeconds(5);

    expect(state.judgements).toBe(1);
    expect(written).toHaveLength(1);
  });

  it('gives no verdict if something changed during the check', async () => {
    const { passSeconds, written, state, redriven } = settledRun(false);
    state.progress = { ...SETTLED, handled: 21 };
    state.troubles = ['seen in part'];
    state.meanwhile = () => {
      state.meanwhile = () => {};
      redriven();
    };

    await passSeconds(5);

    expect(written.join('')).not.toContain('seen in part');
    expect(written.at(-1)).toContain('Every order reached its final state');
  });

  it('shows progress in a block that remains after the verdict', async () => {
    const { passSeconds, written, state } = settledRun(true);
    state.progress = { ...SETTLED, deadLetters: 0, waiting: new Map([['payments', 1]]) };
    await passSeconds(2);
    state.progress = { ...SETTLED, deadLetters: 0, handled: 24 };
    await passSeconds(2);

    expect(written[0]).toBe(
      '\n  orders    3 of 3 sent · 2 shipped\n  events    9 published · 20 handled · 1 failed try\n  waiting   payments 1\n',
    );
    expect(written.at(-1)).toMatch(/^\n {2}orders/);
  });

  it('ends with the reason of its signal', async () => {
    const { interruption, lookedAfter, passSeconds } = settledRun(false);
    await passSeconds(1);

    interruption.abort(new Error('Ctrl-C'));

    await expect(lookedAfter).rejects.toThrow('Ctrl-C');
  });
});
