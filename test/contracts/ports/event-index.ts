import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventIndex } from '../../../lib/operations/index.ts';
import type { NewEventRecord } from '../../../lib/outbox/event-record.ts';
import type { OutboxStore } from '../../../lib/outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';

export interface EventIndexSubject {
  readonly index: EventIndex;
  /** Commits to the same log. */
  readonly store: OutboxStore;
  /** Lets the index hold what was committed. */
  catchUp?(): Promise<void>;
  close(): Promise<void>;
}

const eventOf = (group: string, sequence: number, correlationId: string): NewEventRecord => ({
  group,
  sequence,
  id: `${group}/${sequence}`,
  source: '/orders',
  type: 'a',
  body: `body of ${group}/${sequence}`,
  correlationId,
  committedAt: 1_700_000_000_000 as EpochMs,
  expires: 4_000_000_000 as EpochSeconds,
});

/** What every index of the log must do for operators. */
export function describeEventIndex(adapter: string, create: () => Promise<EventIndexSubject>): void {
  describe(`EventIndex contract: ${adapter}`, () => {
    let subject: EventIndexSubject;

    const bodiesOf = async (correlationId: string): Promise<readonly string[]> => {
      const bodies: string[] = [];
      for await (const page of subject.index.ofCorrelation(correlationId)) bodies.push(...page.map(({ body }) => body));
      return bodies.toSorted();
    };

    beforeAll(async () => {
      subject = await create();
      const events = [
        ...[1, 2, 3].map((sequence) => eventOf('g', sequence, 'c-1')),
        eventOf('h', 1, 'c-1'),
        eventOf('h', 2, 'c-2'),
      ];
      const heads = ['g', 'h'].map((group) => ({ group, from: 0, to: group === 'g' ? 3 : 2 }));
      await subject.store.commit({ token: '1', writes: [], heads, events });
      await subject.catchUp?.();
    });
    afterAll(() => subject.close());

    it('finds the place of an event by its id', async () => {
      expect(await subject.index.find('g/2')).toStrictEqual({ group: 'g', sequence: 2 });
      expect(await subject.index.find('g/4')).toBeUndefined();
    });

    it('finds the events of a correlation in all groups', async () => {
      expect(await bodiesOf('c-1')).toStrictEqual(['body of g/1', 'body of g/2', 'body of g/3', 'body of h/1']);
      expect(await bodiesOf('c-2')).toStrictEqual(['body of h/2']);
      expect(await bodiesOf('c-3')).toStrictEqual([]);
    });
  });
}
