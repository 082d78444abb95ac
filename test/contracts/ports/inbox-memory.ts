import { describe, expect, it } from 'vitest';
import { type InboxMemory, inboxRecordKey } from '../../../lib/consumer/index.ts';
import { type CloudEvent, skipRecordKey } from '../../../lib/definitions/index.ts';

export interface MemorySubject {
  /** Of the consumer `billing`. */
  readonly memory: InboxMemory;
  /** Writes an item of the inbox table. */
  put(id: string, attributes: Readonly<Record<string, string>>): Promise<void>;
}

const EVENT = {
  source: '/orders',
  id: 'event-1',
  partitionkey: 'order#7',
  sequence: '0000000000000003',
} as CloudEvent;

const record = (generation: number, event = EVENT) => inboxRecordKey('billing', { ...event, generation });

/** What every InboxMemory must do. */
export function describeInboxMemory(adapter: string, create: () => Promise<MemorySubject>): void {
  describe(`InboxMemory contract: ${adapter}`, () => {
    it('remembers an event that was handled in its generation or an earlier one', async () => {
      const { memory, put } = await create();
      await put(record(1), { status: 'COMPLETED' });

      expect([await memory.knows(EVENT, 0), await memory.knows(EVENT, 1), await memory.knows(EVENT, 2)]).toStrictEqual([
        false,
        true,
        true,
      ]);
    });

    it('does not treat a record in progress as handled, at any age', async () => {
      const { memory, put } = await create();
      await put(record(0), { status: 'INPROGRESS' });

      expect(await memory.knows(EVENT, 0)).toBe(false);
    });

    it('remembers an event that an operator has skipped', async () => {
      const { memory, put } = await create();
      await put(skipRecordKey('billing', { group: 'order#7', sequence: 3 }, 0), { by: 'ann' });

      expect(await memory.knows(EVENT, 0)).toBe(true);
    });

    it('does not remember events of another source or another consumer', async () => {
      const { memory, put } = await create();
      await put(record(0, { ...EVENT, source: '/imports' }), { status: 'COMPLETED' });
      await put(inboxRecordKey('shipping', EVENT), { status: 'COMPLETED' });

      expect(await memory.knows(EVENT, 0)).toBe(false);
    });
  });
}
