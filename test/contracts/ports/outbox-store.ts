import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { NewEventRecord } from '../../../lib/outbox/event-record.ts';
import type { HeadMove, OutboxCommit, OutboxStore } from '../../../lib/outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';

export interface OutboxStoreSubject {
  readonly store: OutboxStore;
  /** Items of the caller's table `accounts`, whose key is `accountId`. */
  readonly accounts: () => Promise<readonly Readonly<Record<string, AttributeValue>>[]>;
  /** The committed events' places, as `group sequence`. */
  readonly places: () => Promise<readonly string[]>;
  /** Retention takes the event of `account#7` at this place. */
  readonly expire: (sequence: number) => Promise<void>;
  /** The relay has published the event of `account#7` at this place. */
  readonly clearMarker: (sequence: number) => Promise<void>;
}

/** What every OutboxStore must do. */
export function describeOutboxStore(adapter: string, create: () => Promise<OutboxStoreSubject>): void {
  describe(`OutboxStore contract: ${adapter}`, () => {
    let subject: OutboxStoreSubject;

    beforeEach(async () => {
      subject = await create();
    });

    it('reads 0 for a group without a head', async () => {
      const heads = await subject.store.readHeads(['account#1', 'account#2']);

      expect([...heads]).toStrictEqual([
        ['account#1', { last: 0 }],
        ['account#2', { last: 0 }],
      ]);
    });

    it('commits writes, heads and events together', async () => {
      const outcome = await subject.store.commit(
        commit('t1', {
          writes: [put('7', 'open')],
          heads: [{ group: 'account#7', from: 0, to: 2 }],
          events: [event(1), event(2)],
        }),
      );

      expect(outcome).toStrictEqual({ kind: 'committed' });
      expect(await subject.accounts()).toStrictEqual([{ accountId: { S: '7' }, state: { S: 'open' } }]);
      expect(await subject.places()).toStrictEqual(['account#7 1', 'account#7 2']);
      expect((await subject.store.readHeads(['account#7'])).get('account#7')).toStrictEqual({ last: 2 });
    });

    it('keeps the latest expiry in the head until a commit has another one', async () => {
      const lastExpires = 4_000_000_000 as EpochSeconds;
      await subject.store.commit(
        commit('t1', { heads: [{ group: 'account#7', from: 0, to: 1, lastExpires }], events: [event(1)] }),
      );
      await subject.store.commit(commit('t2', { heads: [{ group: 'account#7', from: 1, to: 2 }], events: [event(2)] }));

      expect((await subject.store.readHeads(['account#7'])).get('account#7')).toStrictEqual({ last: 2, lastExpires });
    });

    it('writes nothing when a head has moved', async () => {
      await subject.store.commit(commit('t1', { heads: [{ group: 'account#7', from: 0, to: 1 }], events: [event(1)] }));

      const outcome = await subject.store.commit(
        commit('t2', {
          writes: [put('7', 'open')],
          heads: [{ group: 'account#7', from: 0, to: 1 }],
          events: [event(1)],
        }),
      );

      expect(outcome).toStrictEqual({ kind: 'head-moved', heads: new Map([['account#7', { last: 1 }]]) });
      expect(await subject.accounts()).toStrictEqual([]);
      expect(await subject.places()).toStrictEqual(['account#7 1']);
    });

    it("names the caller's write with a failed condition, and returns the current item", async () => {
      await subject.store.commit(commit('t1', { writes: [put('7', 'open')] }));

      const outcome = await subject.store.commit(
        commit('t2', {
          writes: [put('8', 'open'), { Put: { ...put('7', 'shut').Put, ...IF_NEW } } as TransactWriteItem],
          heads: [{ group: 'account#7', from: 0, to: 1 }],
          events: [event(1)],
        }),
      );

      expect(outcome).toStrictEqual({
        kind: 'condition-failed',
        index: 1,
        item: { accountId: { S: '7' }, state: { S: 'open' } },
      });
      expect(await subject.accounts()).toHaveLength(1);
      expect(await subject.places()).toStrictEqual([]);
    });

    it('reports a failed condition of the caller before a moved head', async () => {
      await subject.store.commit(
        commit('t1', {
          writes: [put('7', 'open')],
          heads: [{ group: 'account#7', from: 0, to: 1 }],
          events: [event(1)],
        }),
      );

      const outcome = await subject.store.commit(
        commit('t2', {
          writes: [{ Put: { ...put('7', 'shut').Put, ...IF_NEW } } as TransactWriteItem],
          heads: [{ group: 'account#7', from: 0, to: 1 }],
          events: [event(1)],
        }),
      );

      expect(outcome).toMatchObject({ kind: 'condition-failed', index: 0 });
    });

    it('returns no item if a condition fails because the item does not exist', async () => {
      const outcome = await subject.store.commit(
        commit('t1', {
          writes: [
            {
              Delete: {
                TableName: 'accounts',
                Key: { accountId: { S: '9' } },
                ConditionExpression: 'attribute_exists(accountId)',
                ...OLD,
              },
            },
          ],
        }),
      );

      expect(outcome).toStrictEqual({ kind: 'condition-failed', index: 0, item: undefined });
    });

    it('names a write that does not match its item, or an earlier condition that does not hold', async () => {
      await subject.store.commit(commit('t1', { writes: [put('7', 'open')] }));
      const unfit: TransactWriteItem = {
        Update: {
          TableName: 'accounts',
          Key: { accountId: { S: '7' } },
          UpdateExpression: 'SET balance = bonus + :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
          ...OLD,
        },
      };
      const refused: TransactWriteItem = {
        Put: {
          ...put('8', 'shut').Put,
          ConditionExpression: 'attribute_exists(accountId)',
          ...OLD,
        } as TransactWriteItem['Put'],
      };

      const outcome = await subject.store.commit(commit('t2', { writes: [put('9', 'open'), unfit] }));
      const both = await subject.store.commit(commit('t3', { writes: [refused, unfit] }));
      const first = await subject.store.commit(commit('t4', { writes: [unfit, refused] }));

      expect(outcome).toStrictEqual({
        kind: 'write-refused',
        index: 1,
        code: 'ValidationError',
        message: 'The provided expression refers to an attribute that does not exist in the item',
      });
      expect(both).toMatchObject({ kind: 'condition-failed', index: 0 });
      // DynamoDB looks no further behind it
      expect(first).toMatchObject({ kind: 'write-refused', index: 0 });
      expect(await subject.accounts()).toHaveLength(1);
    });

    it('rejects an expression with an error in it', async () => {
      const careless: TransactWriteItem = {
        Put: {
          ...put('7', 'open').Put,
          ConditionExpression: 'attribute_nowhere(accountId)',
        } as TransactWriteItem['Put'],
      };

      await expect(subject.store.commit(commit('t1', { writes: [careless] }))).rejects.toMatchObject({
        name: 'ValidationException',
        message: expect.stringContaining('Invalid ConditionExpression: '),
      });
      expect(await subject.accounts()).toStrictEqual([]);
    });

    it('applies updates, deletes and condition checks', async () => {
      await subject.store.commit(commit('t1', { writes: [put('1', 'open'), put('2', 'open'), put('3', 'open')] }));

      const outcome = await subject.store.commit(
        commit('t2', {
          writes: [
            {
              Update: {
                TableName: 'accounts',
                Key: { accountId: { S: '1' } },
                UpdateExpression: 'SET #state = :shut',
                ConditionExpression: '#state = :open',
                ExpressionAttributeNames: { '#state': 'state' },
                ExpressionAttributeValues: { ':shut': { S: 'shut' }, ':open': { S: 'open' } },
                ...OLD,
              },
            },
            { Delete: { TableName: 'accounts', Key: { accountId: { S: '2' } }, ...OLD } },
            {
              ConditionCheck: {
                TableName: 'accounts',
                Key: { accountId: { S: '3' } },
                ConditionExpression: 'attribute_exists(accountId)',
                ...OLD,
              },
            },
          ],
        }),
      );

      expect(outcome).toStrictEqual({ kind: 'committed' });
      expect(await subject.accounts()).toStrictEqual([
        { accountId: { S: '1' }, state: { S: 'shut' } },
        { accountId: { S: '3' }, state: { S: 'open' } },
      ]);
    });

    it('reports that a sequence is taken if the log has an event with it', async () => {
      await subject.store.commit(commit('t1', { events: [event(5)] }));

      const outcome = await subject.store.commit(commit('t2', { events: [event(5)] }));

      expect(outcome).toMatchObject({ kind: 'sequence-taken', event: { group: 'account#7', sequence: 5 } });
    });

    it('keeps an event that is in the log, published or not', async () => {
      await subject.store.commit(commit('t1', { events: [event(5)] }));
      await subject.clearMarker(5);

      const outcome = await subject.store.commit(commit('t2', { events: [{ ...event(5), id: 'another' }] }));

      expect(outcome).toMatchObject({ kind: 'sequence-taken', event: { group: 'account#7', sequence: 5 } });
    });

    it("moves the head of an aggregate's own versions with them", async () => {
      const first = await subject.store.commit(commit('t1', { heads: [versions(0, 2)], events: [event(1), event(2)] }));
      const second = await subject.store.commit(commit('t2', { heads: [versions(2, 3)], events: [event(3)] }));

      expect([first, second]).toStrictEqual([{ kind: 'committed' }, { kind: 'committed' }]);
      expect((await subject.store.readHeads(['account#7'])).get('account#7')?.last).toBe(3);
    });

    it('writes nothing for a version that the head has passed, even if its event has expired', async () => {
      await subject.store.commit(commit('t1', { heads: [versions(0, 2)], events: [event(1), event(2)] }));
      await subject.expire(1);
      await subject.expire(2);

      const again = await subject.store.commit(commit('t2', { heads: [versions(1, 2)], events: [event(2)] }));
      const fromTheFirst = await subject.store.commit(commit('t3', { heads: [versions(0, 1)], events: [event(1)] }));

      const moved = { kind: 'head-moved', heads: new Map([['account#7', { last: 2, versioned: true }]]) };
      expect(again).toStrictEqual(moved);
      expect(fromTheFirst).toStrictEqual(moved);
      expect(await subject.places()).toStrictEqual([]);
    });

    it('writes nothing for a version that leaves a gap', async () => {
      const withoutHead = await subject.store.commit(commit('t1', { heads: [versions(1, 2)], events: [event(2)] }));
      await subject.store.commit(commit('t2', { heads: [versions(0, 1)], events: [event(1)] }));
      const beyond = await subject.store.commit(commit('t3', { heads: [versions(2, 3)], events: [event(3)] }));

      expect(withoutHead).toStrictEqual({ kind: 'head-moved', heads: new Map([['account#7', { last: 0 }]]) });
      expect(beyond).toStrictEqual({
        kind: 'head-moved',
        heads: new Map([['account#7', { last: 1, versioned: true }]]),
      });
      expect(await subject.places()).toStrictEqual(['account#7 1']);
    });

    it("writes nothing if a group mixes numbers of the head with an aggregate's own versions", async () => {
      await subject.store.commit(commit('t1', { heads: [{ group: 'account#7', from: 0, to: 1 }], events: [event(1)] }));
      const own = await subject.store.commit(commit('t2', { heads: [versions(1, 2)], events: [event(2)] }));

      expect(own).toStrictEqual({ kind: 'head-moved', heads: new Map([['account#7', { last: 1 }]]) });
      expect(await subject.places()).toStrictEqual(['account#7 1']);
    });

    it("assigns no number of the head to a group with an aggregate's own versions", async () => {
      await subject.store.commit(commit('t1', { heads: [versions(0, 1)], events: [event(1)] }));
      const headed = await subject.store.commit(
        commit('t2', { heads: [{ group: 'account#7', from: 1, to: 2 }], events: [event(2)] }),
      );

      expect(headed).toStrictEqual({
        kind: 'head-moved',
        heads: new Map([['account#7', { last: 1, versioned: true }]]),
      });
      expect(await subject.places()).toStrictEqual(['account#7 1']);
    });

    it('creates a head for versions that were published without one if an event proves them', async () => {
      await subject.store.commit(commit('t1', { events: [event(1), event(2)] }));

      const proven = await subject.store.commit(commit('t2', { heads: [provenVersions(2, 3)], events: [event(3)] }));
      const next = await subject.store.commit(commit('t3', { heads: [versions(3, 4)], events: [event(4)] }));

      expect([proven, next]).toStrictEqual([{ kind: 'committed' }, { kind: 'committed' }]);
    });

    it('updates a head to versions that an earlier release published without it', async () => {
      await subject.store.commit(commit('t1', { heads: [versions(0, 1)], events: [event(1)] }));
      await subject.store.commit(commit('t2', { events: [event(2)] }));

      const outcome = await subject.store.commit(commit('t3', { heads: [provenVersions(2, 3)], events: [event(3)] }));

      expect(outcome).toStrictEqual({ kind: 'committed' });
      expect((await subject.store.readHeads(['account#7'])).get('account#7')?.last).toBe(3);
    });

    it('writes nothing for versions that no event proves or that contradict the head', async () => {
      const unverified = await subject.store.commit(
        commit('t1', { heads: [provenVersions(2, 3)], events: [event(3)] }),
      );
      await subject.store.commit(commit('t2', { heads: [versions(0, 2)], events: [event(1), event(2)] }));
      const unprovenAndLost = await subject.store.commit(
        commit('t1b', {
          writes: [
            {
              Put: { ...put('7', 'shut').Put, ConditionExpression: 'attribute_exists(accountId)', ...OLD },
            } as TransactWriteItem,
          ],
          heads: [provenVersions(7, 8)],
          events: [event(8)],
        }),
      );
      const caughtUp = await subject.store.commit(commit('t3', { heads: [provenVersions(2, 3)], events: [event(3)] }));
      const passed = await subject.store.commit(commit('t4', { heads: [provenVersions(1, 2)], events: [event(2)] }));
      const headed = await subject.store.commit(
        commit('t5', {
          heads: [{ group: 'account#8', from: 0, to: 1 }],
          events: [{ ...event(1), group: 'account#8' }],
        }),
      );
      const mixed = await subject.store.commit(
        commit('t6', {
          heads: [{ ...provenVersions(1, 2), group: 'account#8' }],
          events: [{ ...event(2), group: 'account#8' }],
        }),
      );

      const moved = { kind: 'head-moved', heads: new Map([['account#7', { last: 2, versioned: true }]]) };
      expect(unverified).toStrictEqual({ kind: 'predecessor-missing', group: 'account#7' });
      expect(unprovenAndLost).toMatchObject({ kind: 'condition-failed', index: 0 });
      expect([caughtUp, passed]).toStrictEqual([moved, moved]);
      expect(headed).toStrictEqual({ kind: 'committed' });
      expect(mixed).toStrictEqual({ kind: 'head-moved', heads: new Map([['account#8', { last: 1 }]]) });
    });

    it('applies the same commit under the same token once', async () => {
      const once = commit('t1', { heads: [{ group: 'account#7', from: 0, to: 1 }], events: [event(1)] });
      await subject.store.commit(once);

      const outcome = await subject.store.commit(once);

      expect(outcome).toStrictEqual({ kind: 'committed' });
      expect(await subject.places()).toStrictEqual(['account#7 1']);
    });

    it('accepts one of many concurrent commits for each sequence', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          subject.store.commit(
            commit(`t${index}`, { heads: [{ group: 'account#7', from: 0, to: 1 }], events: [event(1)] }),
          ),
        ),
      );

      expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
      expect(await subject.places()).toStrictEqual(['account#7 1']);
    });
  });
}

const versions = (from: number, to: number): HeadMove => ({ group: 'account#7', from, to, by: 'versions' });
const provenVersions = (from: number, to: number): HeadMove => ({
  group: 'account#7',
  from,
  to,
  by: 'versions-after-event',
});

const OLD = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
const IF_NEW = { ConditionExpression: 'attribute_not_exists(accountId)', ...OLD };

const put = (accountId: string, state: string): TransactWriteItem => ({
  Put: { TableName: 'accounts', Item: { accountId: { S: accountId }, state: { S: state } }, ...OLD },
});

const event = (sequence: number): NewEventRecord => ({
  group: 'account#7',
  sequence,
  id: `event-${sequence}`,
  source: '/accounts',
  type: 'com.example.account.deposited',
  body: '{}',
  committedAt: 1_795_154_400_000 as EpochMs,
  expires: 1_796_709_600 as EpochSeconds,
});

const commit = (token: string, content: Partial<OutboxCommit>): OutboxCommit => ({
  token,
  writes: [],
  heads: [],
  events: [],
  ...content,
});
