import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../../../local/clock.ts';
import { createScreen } from '../../../../../local/view/screen.ts';
import { type Progress, progressBlock, progressLine } from '../../../local/view/progress.ts';
import { showProgress } from '../../../local/view/show-progress.ts';

const PROGRESS: Progress = {
  elapsedMs: 0,
  placed: 0,
  total: 3,
  notPlaced: 0,
  cancellations: 0,
  states: new Map(),
  published: 0,
  handled: 0,
  duplicates: 0,
  failed: 0,
  syncs: undefined,
  waiting: new Map([
    ['orders', 2],
    ['payments', 1],
  ]),
  deadLetters: 0,
  undeliverable: 0,
};

const lineOf = (placed: number) => `${placed} of 3 sent, 3 waiting (orders 2, payments 1)`;

const show = (isTTY: boolean, waitsFor: readonly string[] = ['queue payments.fifo: 1 visible']) => {
  const clock = createMovableClock(() => 0);
  const written: string[] = [];
  const out = { isTTY, write: (text: string) => written.push(text) };
  const state = { placed: 0 };
  const shown = showProgress({
    screen: createScreen({ out, err: out, terminalType: 'xterm' }),
    clock,
    read: () => ({ ...PROGRESS, placed: state.placed, elapsedMs: clock.now() }),
    unsettled: () => waitsFor,
  });
  return { clock, written, state, shown };
};

describe('showProgress without a terminal', () => {
  it('writes at most one line a second, and only if something changed', () => {
    const { clock, written, state } = show(false);
    expect(written).toEqual([]);

    clock.advance(1000);
    clock.advance(1000);
    state.placed = 1;
    clock.advance(500);
    state.placed = 2;
    clock.advance(500);

    expect(written).toEqual([`${lineOf(0)}\n`, `${lineOf(2)}\n`]);
  });

  it('reports once what it waits for if nothing has changed for five seconds', () => {
    const { clock, written, state } = show(false);
    for (let second = 0; second < 20; second++) clock.advance(1000);
    state.placed = 1;
    for (let second = 0; second < 20; second++) clock.advance(1000);

    const waiting = 'nothing has changed for 5 s; waiting for queue payments.fifo: 1 visible\n';
    expect(written).toEqual([`${lineOf(0)}\n`, waiting, `${lineOf(1)}\n`, waiting]);
  });

  it('reports no waiting if nothing is in progress', () => {
    const { clock, written } = show(false, []);

    for (let second = 0; second < 20; second++) clock.advance(1000);

    expect(written).toEqual([`${lineOf(0)}\n`]);
  });

  it('reads the progress a last time when disposed of, and not afterwards', () => {
    const { clock, written, state, shown } = show(false);
    clock.advance(1000);
    state.placed = 3;

    shown[Symbol.dispose]();
    clock.advance(5000);

    expect(written).toEqual([`${lineOf(0)}\n`, `${lineOf(3)}\n`]);
  });
});

describe('showProgress in a terminal', () => {
  it('repaints its block five times a second', () => {
    const { clock, written } = show(true);

    clock.advance(0);
    for (let tick = 0; tick < 5; tick++) clock.advance(200);

    expect(written).toHaveLength(6);
    expect(written[0]).toBe('\n  orders    0 of 3 sent\n  waiting   orders 2 · payments 1\n  0.0 s\n');
    expect(written[5]?.startsWith('\x1b[4A\x1b[J\n  orders')).toBe(true);
    expect(written[5]?.endsWith('  1.0 s\n')).toBe(true);
  });
});

const BUSY: Progress = {
  ...PROGRESS,
  elapsedMs: 12_345,
  placed: 3,
  cancellations: 2,
  notPlaced: 1,
  states: new Map([
    ['shipped', 1],
    ['cancelledByStock', 1],
  ]),
  published: 4,
  handled: 5,
  duplicates: 1,
  failed: 2,
  deadLetters: 1,
  undeliverable: 1,
};

describe('progress', () => {
  it('is shown in one line', () => {
    expect(progressLine(BUSY)).toBe(
      '3 of 3 sent, 1 not placed, 2 taken back, 1 shipped, 1 cancelled by stock, 4 published, 5 handled, 1 duplicate, 2 failed tries, 3 waiting (orders 2, payments 1), 1 dead letter, 1 undeliverable',
    );
  });

  it('is shown with the same values in the block', () => {
    expect(progressBlock(BUSY)).toEqual([
      '',
      '  orders    3 of 3 sent · 1 not placed · 2 taken back · 1 shipped · 1 cancelled by stock',
      '  events    4 published · 5 handled · 1 duplicate · 2 failed tries',
      '  waiting   orders 2 · payments 1',
      '  dead      1 dead letter · 1 undeliverable',
      '  12.3 s',
    ]);
  });

  it('lists the consumers with the largest backlog first, and none without a backlog', () => {
    const waiting = new Map([
      ['orders', 2],
      ['mail', 0],
      ['payments', 40],
    ]);

    expect(progressBlock({ ...PROGRESS, waiting })).toContain('  waiting   payments 40 · orders 2');
    expect(progressLine({ ...PROGRESS, waiting })).toBe('0 of 3 sent, 42 waiting (payments 40, orders 2)');
  });
});
