import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Cursor, CursorStore } from '../../../lib/consumer/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

export interface CursorStoreSubject {
  /** Two stores over one table: of the consumers `billing` and `shipping`. */
  readonly billing: CursorStore;
  readonly shipping: CursorStore;
  /** Commits writes in a transaction. @returns whether they were committed */
  readonly transact: (writes: readonly TransactWriteItem[]) => Promise<boolean>;
  /** Groups in the sparse index of those that wait, of `billing`. */
  readonly waiting: () => Promise<readonly string[]>;
}

const NEW: Cursor = { processed: 0, seen: 0, blockedBy: undefined, generation: 0, revision: 0 };
const WAITING_FOR = {
  sequence: 4,
  since: 1_795_154_400_000 as EpochMs,
  attempts: 2,
  reason: { code: 'CARD_REFUSED', message: 'no' },
  state: 'retrying',
  permanent: false,
} as const;

/** What every CursorStore must do. */
export function describeCursorStore(adapter: string, create: () => Promise<CursorStoreSubject>): void {
  describe(`CursorStore contract: ${adapter}`, () => {
    let subject: CursorStoreSubject;

    beforeEach(async () => {
      subject = await create();
    });

    it('leaves groups without a cursor out of its answer', async () => {
      await subject.billing.save('order#1', NEW, { ...NEW, processed: 1, seen: 1 });

      const cursors = await subject.billing.read(['order#1', 'order#2']);

      expect([...cursors.keys()]).toStrictEqual(['order#1']);
    });

    it('returns what was stored, with the next revision', async () => {
      const next = { ...NEW, processed: 3, seen: 7, blockedBy: WAITING_FOR, generation: 2 };

      expect(await subject.billing.save('order#1', NEW, next)).toBe('saved');

      expect((await subject.billing.read(['order#1'])).get('order#1')).toStrictEqual({ ...next, revision: 1 });
    });

    it('keeps the cursors of two consumers apart', async () => {
      await subject.billing.save('order#1', NEW, { ...NEW, processed: 1 });

      expect(await subject.shipping.save('order#1', NEW, { ...NEW, processed: 9 })).toBe('saved');

      expect((await subject.billing.read(['order#1'])).get('order#1')?.processed).toBe(1);
    });

    it('changes nothing if another change came first', async () => {
      await subject.billing.save('order#1', NEW, { ...NEW, processed: 1 });
      const current = { ...NEW, processed: 1, revision: 1 };
      await subject.billing.save('order#1', current, { ...current, processed: 2 });

      expect(await subject.billing.save('order#1', NEW, { ...NEW, processed: 9 })).toBe('conflict');
      expect(await subject.billing.save('order#1', current, { ...current, processed: 9 })).toBe('conflict');

      expect((await subject.billing.read(['order#1'])).get('order#1')).toMatchObject({ processed: 2, revision: 2 });
    });

    it('makes the same change as a part of a transaction, once', async () => {
      const change = subject.billing.change('order#1', NEW, { ...NEW, processed: 1 });

      expect(await subject.transact([change.write])).toBe(true);
      expect(await subject.transact([change.write])).toBe(false);

      expect(change.refused(undefined)).toMatchObject({ code: 'CURSOR_MOVED' });
      expect((await subject.billing.read(['order#1'])).get('order#1')).toMatchObject({ processed: 1, revision: 1 });
    });

    it('lists a group as held while it is held', async () => {
      const waiting = { ...NEW, blockedBy: WAITING_FOR };
      await subject.billing.save('order#1', NEW, waiting);
      await subject.shipping.save('order#2', NEW, waiting);
      const whileWaiting = await subject.waiting();

      await subject.billing.save('order#1', { ...waiting, revision: 1 }, { ...NEW, processed: 4 });

      expect(whileWaiting).toStrictEqual(['order#1']);
      expect(await subject.waiting()).toStrictEqual([]);
    });

    it('reads many groups at once', async () => {
      const groups = Array.from({ length: 130 }, (_, index) => `order#${index}`);
      await Promise.all(groups.map((group, index) => subject.billing.save(group, NEW, { ...NEW, processed: index })));

      const cursors = await subject.billing.read(groups);

      expect(groups.map((group) => cursors.get(group)?.processed)).toStrictEqual(groups.map((_, index) => index));
    });
  });
}
