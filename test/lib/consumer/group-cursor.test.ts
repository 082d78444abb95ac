import { describe, expect, it } from 'vitest';
import { createGroupCursor } from '../../../lib/consumer/group-cursor.ts';
import type { Cursor, CursorStore } from '../../../lib/consumer/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createLog, logged, NOW } from './log-fixture.ts';

const KNOWN: Cursor = { processed: 4, seen: 4, blockedBy: undefined, generation: 0, revision: 7 };

/** @param stored what the table holds */
function open(known: Cursor | undefined, stored: Cursor | undefined, saved: 'saved' | 'conflict' = 'saved') {
  const read: string[][] = [];
  const cursors = {
    read: async (groups: readonly string[]) => {
      read.push([...groups]);
      return new Map(stored === undefined ? [] : groups.map((group) => [group, stored] as const));
    },
    save: async () => saved,
  } as unknown as CursorStore;
  const cursor = createGroupCursor('g', known, {
    cursors,
    log: createLog(() => [logged(1)]),
    clock: { now: () => NOW },
    sleep: async () => undefined,
    startInstant: async () => 0 as EpochMs,
    history: undefined,
    telemetry: {} as never,
  });
  return { cursor, read };
}

describe('a group’s cursor, as one execution knows it', () => {
  it('is not read again while nobody else moves it', async () => {
    const { cursor, read } = open(KNOWN, undefined);

    expect(await cursor.current(5)).toBe(KNOWN);
    expect(await cursor.store(KNOWN, { ...KNOWN, processed: 5, seen: 5 })).toBe('continue');

    const next = { ...KNOWN, processed: 5, seen: 5, revision: 8 };
    expect(cursor.latest()).toStrictEqual(next);
    expect(await cursor.current(6)).toStrictEqual(next);
    expect(read).toStrictEqual([]);
  });

  it('is not read where there was none, and begins at the first event', async () => {
    const { cursor, read } = open(undefined, KNOWN);

    expect(cursor.latest()).toBeUndefined();
    expect(await cursor.current(1)).toStrictEqual({ ...KNOWN, processed: 0, seen: 0, revision: 0 });
    expect(read).toStrictEqual([]);
  });

  it('is read again once somebody else has moved it, and once only', async () => {
    const moved = { ...KNOWN, processed: 9, seen: 9, revision: 9 };
    const { cursor, read } = open(KNOWN, moved, 'conflict');

    expect(await cursor.store(KNOWN, { ...KNOWN, processed: 5 })).toBe('overtaken');

    expect(cursor.latest()).toBeUndefined();
    expect(await cursor.current(5)).toBe(moved);
    expect(await cursor.current(5)).toBe(moved);
    expect(read).toStrictEqual([['g']]);
  });

  it('is read again after a transaction that came too late', async () => {
    const { cursor, read } = open(KNOWN, KNOWN);

    expect(cursor.overtaken()).toBe('overtaken');

    expect(await cursor.current(5)).toBe(KNOWN);
    expect(read).toStrictEqual([['g']]);
  });
});
