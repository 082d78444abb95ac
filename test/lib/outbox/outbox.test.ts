import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineEvent } from '../../../lib/definitions/index.ts';
import { causedBy, type EventContext, parseEvent } from '../../../lib/event/index.ts';
import { type NewEventRecord, recordItem } from '../../../lib/outbox/event-record.ts';
import { createOutbox, type Outbox, type OutboxStore, type UnitOfWork } from '../../../lib/outbox/index.ts';
import { itemBytes } from '../../../lib/outbox/item-size.ts';
import type { Clock } from '../../../lib/shared/time.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';

const tablesOfAccounts = () => createInMemoryTables({ accounts: { partitionKey: { name: 'accountId', type: 'S' } } });

const NEW_ACCOUNT = {
  TableName: 'accounts',
  Item: { accountId: '7', balance: 5 },
  ConditionExpression: 'attribute_not_exists(accountId)',
};

function outboxOver(store: OutboxStore, more: { maxAttempts?: number; retentionSeconds?: number; clock?: Clock } = {}) {
  const slept: number[] = [];
  const outbox = createOutbox({
    store,
    clock: createTestClock(),
    ids: createCountingIds(),
    sleep: async (delayMs) => void slept.push(delayMs),
    random: () => 0.5,
    retentionSeconds: 60,
    ...more,
  });
  return { outbox, slept };
}

/** A store that answers what the test has laid out, and remembers what it was asked. */
function scriptedStore(...outcomes: Awaited<ReturnType<OutboxStore['commit']>>[]) {
  const commits: Parameters<OutboxStore['commit']>[0][] = [];
  let reads = 0;
  const store: OutboxStore = {
    async readHeads(groups) {
      reads += 1;
      return new Map(groups.map((group) => [group, { last: reads * 10 }]));
    },
    async commit(commit) {
      commits.push(commit);
      return outcomes.shift() ?? { kind: 'committed' };
    },
  };
  return { store, commits, reads: () => reads };
}

describe('outbox.transact', () => {
  it('takes the head for moved if only the place of an event is reported as taken, and tries again', async () => {
    const event = { group: 'account#7', sequence: 11, id: '', source: '', type: '', body: '' } as NewEventRecord;
    const { store, commits } = scriptedStore({ kind: 'sequence-taken', event });

    await outboxOver(store).outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 1 }));

    expect(commits.map(({ heads }) => heads[0]?.from)).toStrictEqual([10, 30]);
  });

  it('stores with each event when all earlier ones may have expired, also after the retention was shortened', async () => {
    const store = createInMemoryOutboxStore();
    const before = outboxOver(store, { retentionSeconds: 86_400 });
    const now = outboxOver(store, { retentionSeconds: 60 });
    await before.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 1 }));

    await now.outbox.transact((tx) => {
      tx.publish(Deposited, { accountId: '7', amount: 2 });
      tx.publish(Deposited, { accountId: '7', amount: 3 });
    });

    const places = store.events.map(({ sequence, expires, previousExpires }) => [sequence, expires, previousExpires]);
    expect(places).toStrictEqual([
      [1, 1_795_240_800, undefined],
      [2, 1_795_154_460, 1_795_240_800],
      [3, 1_795_154_460, 1_795_240_800],
    ]);
    expect((await store.readHeads(['account#7'])).get('account#7')).toStrictEqual({
      last: 3,
      lastExpires: 1_795_240_800,
    });
  });

  it('commits state and events together and returns the function’s result', async () => {
    const store = createInMemoryOutboxStore({ tables: tablesOfAccounts() });
    const { outbox } = outboxOver(store);

    const { value, events } = await outbox.transact((tx) => {
      tx.put(NEW_ACCOUNT);
      tx.publish(Deposited, { accountId: '7', amount: 2 });
      tx.publish(Deposited, { accountId: '7', amount: 3 });
      tx.publish(Deposited, { accountId: '8', amount: 4 });
      return 'done';
    });

    expect(value).toBe('done');
    expect(events.map(({ partitionkey, sequence }) => `${partitionkey} ${sequence}`)).toStrictEqual([
      'account#7 0000000000000001',
      'account#7 0000000000000002',
      'account#8 0000000000000001',
    ]);
    expect(store.items('accounts')).toStrictEqual([{ accountId: { S: '7' }, balance: { N: '5' } }]);
    expect(store.events.map(({ body }) => parseEvent(body))).toStrictEqual(events);
    expect(store.events[0]).toMatchObject({ committedAt: 1_795_154_400_000, expires: 1_795_154_460 });
  });

  it('gives all events of a transaction one correlation id, the caller’s if present', async () => {
    const { outbox } = outboxOver(createInMemoryOutboxStore());
    const publishTwo = (tx: Parameters<Parameters<typeof outbox.transact>[0]>[0]) => {
      tx.publish(Audited, { note: 'a' });
      tx.publish(Audited, { note: 'b' });
    };

    const fresh = await outbox.transact(publishTwo);
    const given = await outbox.transact(publishTwo, { correlationId: 'request-9', tenantId: 'acme' });

    expect(fresh.events.map(({ correlationid }) => correlationid)).toStrictEqual(['correlation-1', 'correlation-1']);
    expect(given.events.map(({ correlationid, tenantid }) => [correlationid, tenantid])).toStrictEqual([
      ['request-9', 'acme'],
      ['request-9', 'acme'],
    ]);
  });

  it('provides the time, the causing event and the principal of a unit of work', async () => {
    const clock = createTestClock();
    const { outbox } = outboxOver(createInMemoryOutboxStore(), { clock });
    const { events } = await outbox.transact((tx) => tx.publish(Audited, { note: 'a' }));
    const [cause] = events;
    if (cause === undefined) throw new Error('nothing was published');
    const originsOf = async (context: EventContext) => {
      const { value } = await outbox.transact((tx) => {
        const first = tx.origin();
        clock.advance(1_000);
        return [first, tx.origin()];
      }, context);
      return value;
    };

    const by = { source: '/audit', id: cause.id, type: 'com.example.audit.noted' };
    expect(await originsOf(causedBy(cause))).toStrictEqual([
      { at: '2026-11-20T06:00:00.000Z', by, principal: undefined },
      { at: '2026-11-20T06:00:01.000Z', by, principal: undefined },
    ]);
    const principal = { type: 'app_user', id: 'user-7' };
    expect(await originsOf({ correlationId: 'request-9', principal })).toStrictEqual([
      { at: '2026-11-20T06:00:01.000Z', by: undefined, principal },
      { at: '2026-11-20T06:00:02.000Z', by: undefined, principal },
    ]);
  });

  it('starts a correlation if the caller’s is empty, and publishes valid events', async () => {
    const store = createInMemoryOutboxStore();
    const { outbox } = outboxOver(store);

    const { events } = await outbox.transact((tx) => tx.publish(Audited, { note: 'a' }), {
      correlationId: '',
      tracestate: '',
      traceparent: '',
    });

    expect(events[0]?.correlationid).toBe('correlation-1');
    expect(store.events.map(({ body }) => parseEvent(body))).toStrictEqual(events);
  });

  it('continues the sequence of a group without holes under concurrent publishers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.constantFrom('1', '2', '3'), { minLength: 1, maxLength: 4 }), { maxLength: 12 }),
        fc.scheduler(),
        async (transactions, scheduler) => {
          const memory = createInMemoryOutboxStore();
          const store: OutboxStore = {
            readHeads: (groups) => scheduler.schedule(memory.readHeads(groups)),
            commit: async (commit) => {
              await scheduler.schedule(Promise.resolve());
              return memory.commit(commit);
            },
          };
          const outbox = createOutbox({
            store,
            clock: createTestClock(),
            ids: createCountingIds(),
            sleep: async () => undefined,
            random: () => 0,
            retentionSeconds: 60,
            maxAttempts: 50,
          });

          const all = transactions.map((accounts) =>
            outbox.transact((tx) => {
              for (const accountId of accounts) tx.publish(Deposited, { accountId, amount: 1 });
            }),
          );
          await scheduler.waitFor(Promise.all(all));

          for (const group of ['account#1', 'account#2', 'account#3']) {
            const sequences = memory.events.filter((event) => event.group === group).map(({ sequence }) => sequence);
            expect(sequences).toStrictEqual(sequences.map((_, index) => index + 1));
          }
          expect(memory.events).toHaveLength(transactions.flat().length);
        },
      ),
    );
  });

  it('reads no head for events without a group and for sequences that the caller assigns', async () => {
    const { store, commits, reads } = scriptedStore();
    const { outbox } = outboxOver(store);

    await outbox.transact((tx) => {
      tx.publish(Audited, { note: 'a' });
      tx.publish(Deposited, { accountId: '7', amount: 1 }, { sequence: 12 });
    });

    expect(reads()).toBe(0);
    expect(commits).toMatchObject([
      {
        heads: [{ group: 'account#7', from: 11, to: 12, by: 'versions' }],
        events: [{ sequence: 1 }, { group: 'account#7', sequence: 12 }],
      },
    ]);
  });

  it('retries with a fresh read of the heads and a new token if another producer was first', async () => {
    const { store, commits } = scriptedStore(
      { kind: 'head-moved', heads: new Map([['account#7', { last: 15 }]]) },
      { kind: 'conflict', reason: 'TransactionConflict' },
    );
    const { outbox, slept } = outboxOver(store);

    const { events } = await outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 1 }));

    expect(commits.map(({ heads }) => heads)).toStrictEqual([
      [{ group: 'account#7', from: 10, to: 11, lastExpires: 1_795_154_460 }],
      [{ group: 'account#7', from: 20, to: 21, lastExpires: 1_795_154_460 }],
      [{ group: 'account#7', from: 30, to: 31, lastExpires: 1_795_154_460 }],
    ]);
    expect(new Set(commits.map(({ token }) => token)).size).toBe(3);
    expect(new Set(commits.flatMap(({ events: stored }) => stored.map(({ id }) => id))).size).toBe(1);
    expect(slept).toStrictEqual([12.5, 25]);
    expect(events[0]?.sequence).toBe('0000000000000031');
  });

  it('repeats the identical commit while DynamoDB still processes it', async () => {
    const { store, commits } = scriptedStore({ kind: 'in-progress' });
    const { outbox, slept } = outboxOver(store);

    await outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 1 }));

    expect(commits).toHaveLength(2);
    expect(commits[1]).toStrictEqual(commits[0]);
    expect(slept).toStrictEqual([12.5]);
  });

  it('gives up after a bounded number of attempts', async () => {
    const { store, commits } = scriptedStore(
      ...Array.from({ length: 9 }, () => ({ kind: 'head-moved', heads: new Map() }) as const),
    );
    const { outbox, slept } = outboxOver(store, { maxAttempts: 3 });

    const attempt = outbox.transact((tx) => {
      tx.publish(Deposited, { accountId: '7', amount: 1 });
      tx.publish(Deposited, { accountId: '8', amount: 1 });
    });

    await expect(attempt).rejects.toMatchObject({
      code: 'OUTBOX_CONTENTION',
      attempts: 3,
      message: expect.stringContaining(
        "(last: the head of a group moved: 'account#7' was expected at 30, 'account#8' was expected at 30)",
      ),
    });
    expect(commits).toHaveLength(3);
    expect(slept).toStrictEqual([12.5, 25]);
  });

  it('does not retry if a condition of the caller fails, and returns the old item', async () => {
    const store = createInMemoryOutboxStore({ tables: tablesOfAccounts() });
    const { outbox, slept } = outboxOver(store);
    await outbox.transact((tx) => tx.put(NEW_ACCOUNT));

    const again = outbox.transact((tx) => {
      tx.put({ ...NEW_ACCOUNT, Item: { accountId: '7', balance: 9 } });
      tx.publish(Audited, { note: 'never' });
    });

    await expect(again).rejects.toMatchObject({
      code: 'OUTBOX_CONDITION_FAILED',
      subject: { action: 'Put', tableName: 'accounts', target: { accountId: '7', balance: 9 }, index: 0 },
      item: { accountId: '7', balance: 5 },
      message:
        "write 1 (Put in table 'accounts'): its condition 'attribute_not_exists(accountId)' failed, the current item is in the error's 'item'; nothing was written",
      mistake: undefined,
    });
    expect(slept).toStrictEqual([]);
    expect(store.events).toStrictEqual([]);
  });

  it('refuses a sequence that is already used, assigned twice, out of range, or mixed with assigned ones', async () => {
    const { outbox } = outboxOver(createInMemoryOutboxStore());
    const publish = (...sequences: (number | undefined)[]) =>
      outbox.transact((tx) => {
        for (const sequence of sequences) {
          tx.publish(Deposited, { accountId: '7', amount: 1 }, sequence === undefined ? {} : { sequence });
        }
      });
    await publish(1);

    await expect(publish(1)).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_TAKEN' });
    await expect(publish(2, 2)).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_INVALID' });
    await expect(publish(0)).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_INVALID' });
    await expect(publish(1.5)).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_INVALID' });
    await expect(publish(2, undefined)).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_INVALID' });
  });

  it('commits nothing if the function throws, writes nothing, or publishes invalid data', async () => {
    const { store, commits } = scriptedStore();
    const { outbox } = outboxOver(store);

    await expect(
      outbox.transact((tx) => {
        tx.put(NEW_ACCOUNT);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await expect(outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: -1 }))).rejects.toMatchObject({
      code: 'EVENT_DATA_INVALID',
    });
    await outbox.transact(() => undefined);

    expect(commits).toStrictEqual([]);
  });

  it('refuses writes and events after the function has returned', async () => {
    const { store, commits } = scriptedStore();
    const { outbox } = outboxOver(store);

    const { value: tx } = await outbox.transact((unit) => unit);

    expect(() => tx.put(NEW_ACCOUNT)).toThrow(expect.objectContaining({ code: 'UNIT_OF_WORK_CLOSED' }));
    expect(() => tx.publish(Audited, { note: 'late' })).toThrow(
      expect.objectContaining({ code: 'UNIT_OF_WORK_CLOSED' }),
    );
    expect(commits).toStrictEqual([]);

    let failed: UnitOfWork | undefined;
    const failing = outbox.transact((unit) => {
      failed = unit;
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(() => failed?.put(NEW_ACCOUNT)).toThrow(expect.objectContaining({ code: 'UNIT_OF_WORK_CLOSED' }));
  });

  it('names a write that DynamoDB refuses as invalid', async () => {
    const { store } = scriptedStore({ kind: 'write-refused', index: 0, code: 'ValidationError', message: 'wrong key' });
    const { outbox } = outboxOver(store);

    await expect(outbox.transact((tx) => tx.put(NEW_ACCOUNT))).rejects.toMatchObject({
      code: 'OUTBOX_WRITE_REFUSED',
      message:
        "write 1 (Put in table 'accounts'): DynamoDB rejected it (ValidationError): wrong key; nothing was written",
    });
  });
});

describe('limits of a transaction', () => {
  /** @returns what the work is refused with, before anything is asked of the store */
  const refusalOf = async (work: Parameters<Outbox['transact']>[0]): Promise<unknown> => {
    const { store, commits, reads } = scriptedStore();
    const refusal = await outboxOver(store)
      .outbox.transact(work)
      .catch((error: unknown) => error);
    expect(commits).toStrictEqual([]);
    expect(reads()).toBe(0);
    return refusal;
  };

  it('refuses more than 100 actions, counting two for each event and one for each head', async () => {
    const refusal = await refusalOf((tx) => {
      for (let index = 0; index < 80; index++) tx.put({ TableName: 'accounts', Item: { accountId: String(index) } });
      for (let index = 0; index < 7; index++) tx.publish(Deposited, { accountId: String(index), amount: 1 });
    });

    expect(refusal).toMatchObject({
      code: 'OUTBOX_LIMIT_EXCEEDED',
      limit: 'actions',
      message:
        'the transaction has 101 actions, allowed are up to 100: 80 writes and 7 events of yours; Waybill adds a marker for each event, 7 for the heads of groups: split the work',
    });
  });

  it('refuses an item of more than 400 KB', async () => {
    const refusal = await refusalOf((tx) =>
      tx.put({ TableName: 'accounts', Item: { accountId: 'x'.repeat(409_592) } }),
    );

    expect(refusal).toMatchObject({
      limit: 'itemBytes',
      message:
        "write 1 (Put in table 'accounts') has an item of 409601 bytes, allowed are up to 409600: store large content elsewhere and refer to it",
    });
  });

  it('refuses an event that is too large for the log', async () => {
    const refusal = await refusalOf((tx) => tx.publish(Audited, { note: 'x'.repeat(409_600) }));

    expect(refusal).toMatchObject({ code: 'OUTBOX_LIMIT_EXCEEDED', limit: 'itemBytes' });
  });

  it('refuses an event that fits into the log only if it is the first of its group', async () => {
    const Noted = defineEvent({
      type: 'com.example.noted',
      source: '/notes',
      version: 1,
      schema: z.object({ note: z.string() }),
      group: () => 'g',
    });
    const { store, commits } = scriptedStore();
    await outboxOver(store).outbox.transact((tx) => tx.publish(Noted, { note: '' }));
    const [measured] = commits.flatMap(({ events }) => events);
    if (measured === undefined) throw new Error('an event was committed');
    const { previousExpires: _, ...first } = measured;
    const note = 'x'.repeat(409_600 - itemBytes(recordItem(first, { correlation: true })));

    expect(await refusalOf((tx) => tx.publish(Noted, { note }))).toMatchObject({
      limit: 'itemBytes',
      message: expect.stringMatching(/^event 'com\.example\.noted' takes 4096\d\d bytes in the outbox log/),
    });
  });

  it('refuses an event that is too large for the bus', async () => {
    const refusal = await refusalOf((tx) => tx.publish(Audited, { note: 'ü'.repeat(600_000) }));

    expect(refusal).toMatchObject({ code: 'OUTBOX_LIMIT_EXCEEDED', limit: 'eventBytes' });
  });

  it('refuses more than 4 MB together', async () => {
    const refusal = await refusalOf((tx) => {
      for (let index = 0; index < 11; index++) {
        tx.put({ TableName: 'accounts', Item: { accountId: String(index), note: 'x'.repeat(400_000) } });
      }
    });

    expect(refusal).toMatchObject({ code: 'OUTBOX_LIMIT_EXCEEDED', limit: 'transactionBytes' });
  });
});
