import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cursor, CursorStore, WaitingGroup, WaitingGroups } from '../../../lib/consumer/index.ts';
import type { SkipLedger, SkipRecord } from '../../../lib/operations/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

export interface SkipSubject {
  readonly skips: SkipLedger;
  /** Of the same consumer, in the same tables. */
  readonly cursors: CursorStore;
  readonly waiting: WaitingGroups;
  close(): Promise<void>;
}

const T0 = 1_700_000_000_000 as EpochMs;

const recordOf = (group: string, more: Partial<SkipRecord> = {}): SkipRecord => ({
  consumer: 'billing',
  group,
  sequence: 3,
  eventId: 'event-3',
  eventType: 'order.placed',
  by: 'ann',
  reason: 'closed',
  at: T0,
  waitedSince: (T0 - 5) as EpochMs,
  failure: { code: 'Error', message: 'card refused' },
  generation: 0,
  ...more,
});

const cursorThatWaits = (since: number): Cursor => ({
  processed: 2,
  seen: 5,
  blockedBy: {
    sequence: 3,
    since: since as EpochMs,
    attempts: 5,
    reason: { code: 'Error', message: 'card refused' },
    state: 'dead',
    permanent: false,
  },
  generation: 0,
  revision: 0,
});

const past = (cursor: Cursor): Cursor => ({ ...cursor, processed: 3, blockedBy: undefined });

/** What every SkipLedger must do, and with it the list of groups that wait. */
export function describeSkips(adapter: string, create: () => Promise<SkipSubject>): void {
  describe(`SkipLedger and WaitingGroups contract: ${adapter}`, () => {
    let subject: SkipSubject;
    beforeEach(async () => {
      subject = await create();
    });
    afterEach(() => subject.close());

    /** Stores a cursor that waits, and answers it as stored. */
    const seed = async (group: string, since: number = T0): Promise<Cursor> => {
      await subject.cursors.save(group, cursorThatWaits(since), cursorThatWaits(since));
      return { ...cursorThatWaits(since), revision: 1 };
    };
    const listed = async (): Promise<readonly WaitingGroup[]> => {
      const groups: WaitingGroup[] = [];
      for await (const page of subject.waiting.list()) groups.push(...page);
      return groups;
    };

    it('moves the cursor and keeps the record', async () => {
      const current = await seed('order#1');

      const outcome = await subject.skips.commit(
        subject.cursors.change('order#1', current, past(current)),
        recordOf('order#1'),
      );

      expect(outcome).toBe('committed');
      expect((await subject.cursors.read(['order#1'])).get('order#1')).toStrictEqual({
        processed: 3,
        seen: 5,
        blockedBy: undefined,
        generation: 0,
        revision: 2,
      });
      expect(await subject.skips.find({ group: 'order#1', sequence: 3 }, 0)).toStrictEqual(recordOf('order#1'));
    });

    it('writes nothing when the cursor has moved', async () => {
      const current = await seed('order#2');
      await subject.cursors.save('order#2', current, { ...current, seen: 6 });

      const outcome = await subject.skips.commit(
        subject.cursors.change('order#2', current, past(current)),
        recordOf('order#2'),
      );

      expect(outcome).toBe('conflict');
      expect((await subject.cursors.read(['order#2'])).get('order#2')).toMatchObject({ processed: 2, seen: 6 });
      expect(await subject.skips.find({ group: 'order#2', sequence: 3 }, 0)).toBeUndefined();
    });

    it('distinguishes positions and generations, and keeps a record without an event', async () => {
      const current = await seed('order#3');
      const nameless = recordOf('order#3', { eventId: undefined, eventType: undefined, generation: 1 });

      await subject.skips.commit(subject.cursors.change('order#3', current, past(current)), nameless);

      expect(await subject.skips.find({ group: 'order#3', sequence: 3 }, 1)).toStrictEqual(nameless);
      expect(await subject.skips.find({ group: 'order#3', sequence: 3 }, 0)).toBeUndefined();
      expect(await subject.skips.find({ group: 'order#3', sequence: 4 }, 1)).toBeUndefined();
    });

    it('lists only the held groups, the longest held first, over many pages', async () => {
      for (let index = 60; index >= 1; index--) await seed(`late#${index}`, T0 + index);

      const groups = (await listed()).map(({ group }) => group).filter((group) => group.startsWith('late#'));

      expect(groups).toHaveLength(60);
      expect(groups.slice(0, 3)).toStrictEqual(['late#1', 'late#2', 'late#3']);
      expect((await listed()).map(({ group }) => group)).not.toContain('order#1');
      expect((await listed()).find(({ group }) => group === 'late#1')?.cursor).toStrictEqual({
        ...cursorThatWaits(T0 + 1),
        revision: 1,
      });
    });
  });
}
