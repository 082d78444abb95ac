import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../lib/consumer/index.ts';
import { createTakenEvents } from '../../../lib/consumer/log-reader.ts';
import { createLog, logged, NOW, NOW_SECONDS, tombstone } from './log-fixture.ts';

const other = (sequence: number) => logged(sequence, { type: 'other' } as Partial<LogEntry>);

const open = (entries: readonly LogEntry[], pageSize?: number) => {
  const log = createLog(() => entries, undefined, pageSize);
  const deps = { log, clock: { now: () => NOW }, sleep: async () => undefined };
  return { log, taken: createTakenEvents('g', { ...deps, takes: ({ type }) => type === 'taken' }) };
};

describe('the events of a group that a consumer takes', () => {
  it('come one after another, past those that it does not take', async () => {
    const { taken } = open([logged(1), other(2), logged(3), other(4)]);

    expect(await taken.next(0, 4)).toMatchObject({ kind: 'event', sequence: 1 });
    expect(await taken.next(1, 4)).toMatchObject({ kind: 'event', sequence: 3 });
    expect(await taken.next(3, 4)).toBeUndefined();
    expect(await taken.next(4, 4)).toBeUndefined();
  });

  it('end at the place asked for, although the log goes on', async () => {
    const { taken } = open([other(1), other(2), logged(3)]);

    expect(await taken.next(0, 2)).toBeUndefined();
    expect(await taken.next(0, 3)).toMatchObject({ sequence: 3 });
  });

  it('are read page by page, and one place further than asked for', async () => {
    const { taken, log } = open([other(1), other(2), other(3), logged(4), logged(5)], 2);

    expect(await taken.next(0, 4)).toMatchObject({ sequence: 4 });
    expect(log.asked).toStrictEqual(['read 0 5', 'read 2 5']);
  });

  it('are found however small the pages of the log are', async () => {
    const { taken } = open([other(1), other(2), logged(3)], 1);

    expect(await taken.next(0, 3)).toMatchObject({ sequence: 3 });
  });

  it('are not read again while a page holds what comes next', async () => {
    const { taken, log } = open([logged(1), logged(2), logged(3)]);

    for (const after of [0, 1, 2]) expect(await taken.next(after, 3)).toMatchObject({ sequence: after + 1 });

    expect(log.asked).toStrictEqual(['read 0 4']);
  });

  it('are read anew from another place', async () => {
    const { taken, log } = open([logged(1), logged(2), logged(3), logged(4)], 1);

    expect(await taken.next(0, 4)).toMatchObject({ sequence: 1 });
    expect(await taken.next(2, 4)).toMatchObject({ sequence: 3 });

    expect(log.asked).toStrictEqual(['read 0 5', 'read 2 5']);
  });

  it('come after the places that retention has taken', async () => {
    const { taken } = open([logged(3, { previousExpires: NOW_SECONDS })]);

    expect(await taken.next(0, 3)).toStrictEqual({ kind: 'passed', why: 'expired', from: 1, to: 2 });
    expect(await taken.next(2, 3)).toMatchObject({ sequence: 3 });
  });

  it.each<[string, readonly LogEntry[], number, { from: number; to: number }]>([
    ['one place', [tombstone(1), logged(2)], 2, { from: 1, to: 1 }],
    ['places next to each other', [other(1), tombstone(2), tombstone(3), logged(4)], 4, { from: 2, to: 3 }],
    ['places up to an event that it does not take', [tombstone(1), other(2), tombstone(3)], 3, { from: 1, to: 1 }],
    ['the last places of the log', [other(1), tombstone(2), tombstone(3)], 3, { from: 2, to: 3 }],
    ['places up to where it is to go', [tombstone(1), tombstone(2), tombstone(3)], 2, { from: 1, to: 2 }],
  ])('come after what an operator has marked as empty: %s', async (_what, entries, upTo, places) => {
    const { taken } = open(entries);

    expect(await taken.next(0, upTo)).toStrictEqual({ kind: 'passed', why: 'tombstone', ...places });
  });

  it('tell what stands at a place, of any type, from the page that was read and else from the log', async () => {
    const { taken, log } = open([logged(1), other(2), logged(3)]);
    await taken.next(0, 2);

    expect(await taken.at(2)).toMatchObject({ sequence: 2, type: 'other' });
    expect(log.asked).toStrictEqual(['read 0 3']);
    expect(await taken.at(9)).toBeUndefined();
    expect(log.asked).toStrictEqual(['read 0 3', 'read 8 9']);
  });
});
