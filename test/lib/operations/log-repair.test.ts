import { DeleteItemCommand, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbCursorStore, createDynamoDbEventLog } from '../../../lib/consumer/index.ts';
import { createTakenEvents } from '../../../lib/consumer/log-reader.ts';
import { CURSORS_TABLE, OUTBOX_TABLE, PENDING_TABLE } from '../../../lib/definitions/index.ts';
import {
  createDynamoDbCursorScanner,
  createDynamoDbLog,
  createDynamoDbLogRepair,
  fillPlaces,
  keepGroup,
  raiseHeads,
} from '../../../lib/operations/index.ts';
import { createDynamoDbOutboxStore, createOutbox } from '../../../lib/outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { Deposited } from '../../fixtures/events.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { gathered } from './rig.ts';

const TEXT = {
  reason: 'restored',
  by: 'ann',
  at: 1_795_154_400_000 as EpochMs,
  expires: 1_900_000_000 as EpochSeconds,
};
const NO_PACE = { spend: async () => undefined };
const NEW = { processed: 0, seen: 0, blockedBy: undefined, generation: 0, revision: 0 };

let engine: LocalDynamoDb;
let run = 0;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
});

afterAll(() => engine.close());

async function createAccount(deposits: number) {
  run += 1;
  const [outboxTableName, pendingTableName, cursorsTableName] = [
    `outbox-r${run}`,
    `pending-r${run}`,
    `cursors-r${run}`,
  ];
  const { client } = engine;
  await engine.createTable(outboxTableName, OUTBOX_TABLE);
  await engine.createTable(pendingTableName, PENDING_TABLE);
  await engine.createTable(cursorsTableName, CURSORS_TABLE);
  const clock = createTestClock();
  const ids = createCountingIds();
  const outbox = createOutbox({
    store: createDynamoDbOutboxStore({ client, outboxTableName, pendingTableName }),
    clock,
    ids: { ...ids, newToken: () => `${outboxTableName}-${ids.newToken()}` },
    sleep: async () => undefined,
    random: () => 0,
    retentionSeconds: 1_000_000,
  });
  /** @param own a sequence of the aggregate's own */
  const deposit = async (own?: number) => {
    const { events } = await outbox.transact((tx) =>
      tx.publish(Deposited, { accountId: '7', amount: 1 }, own === undefined ? {} : { sequence: own }),
    );
    return Number(events[0]?.sequence);
  };
  for (let count = 1; count <= deposits; count++) await deposit();
  const cursors = (consumer: string) =>
    createDynamoDbCursorStore({
      client,
      tableName: cursorsTableName,
      consumer,
      expirySeconds: 60,
      clock,
      sleep: async () => undefined,
      random: () => 0,
    });
  const keyOf = (sequence: number) => ({ partitionkey: { S: 'account#7' }, sequence: { N: String(sequence) } });
  return {
    clock,
    deposit,
    cursors,
    repair: createDynamoDbLogRepair({ client, outboxTableName }),
    scanner: createDynamoDbCursorScanner({ client, cursorsTableName }),
    reader: createDynamoDbLog({ client, outboxTableName }),
    item: async (sequence: number) =>
      (
        await client.send(
          new GetItemCommand({ TableName: outboxTableName, Key: keyOf(sequence), ConsistentRead: true }),
        )
      ).Item,
    remove: async (...sequences: number[]) => {
      for (const sequence of sequences) {
        await client.send(new DeleteItemCommand({ TableName: outboxTableName, Key: keyOf(sequence) }));
      }
    },
    markers: async () =>
      (await client.send(new ScanCommand({ TableName: pendingTableName, ConsistentRead: true }))).Count,
    /** What a consumer that has processed so many finds next. */
    next: (processed: number, upTo: number) =>
      createTakenEvents('account#7', {
        log: createDynamoDbEventLog({ client, outboxTableName }),
        clock,
        sleep: async () => undefined,
        takes: ({ type }) => type === Deposited.type,
      }).next(processed, upTo),
  };
}

describe('keeping a group', () => {
  it('extends the expiry of every unprocessed event, and reports those that were already deleted', async () => {
    const account = await createAccount(5);
    await account.cursors('billing').save('account#7', NEW, { ...NEW, processed: 1, seen: 3 });
    await account.remove(3);

    const result = await keepGroup(
      { cursors: account.cursors('billing'), repair: account.repair, clock: account.clock, limiter: NO_PACE },
      'account#7',
      100,
    );

    expect(result).toStrictEqual({ kind: 'kept', from: 2, to: 5, kept: 3, gone: [3] });
    expect((await account.item(1))?.['expires']).toStrictEqual({ N: '1796154400' });
    expect((await account.item(5))?.['expires']).toStrictEqual({ N: '1803794400' });
    expect(await account.item(3)).toBeUndefined();
  });

  it('shortens no expiry, and reports if there is nothing to keep', async () => {
    const account = await createAccount(2);
    const deps = {
      repair: account.repair,
      clock: account.clock,
      limiter: NO_PACE,
      cursors: account.cursors('billing'),
    };
    expect(await keepGroup(deps, 'account#7', 100)).toStrictEqual({ kind: 'no-cursor' });
    await account.cursors('billing').save('account#7', NEW, { ...NEW, processed: 1, seen: 1 });

    expect(await keepGroup(deps, 'account#7', 1)).toMatchObject({ kind: 'kept', kept: 1, gone: [] });
    expect((await account.item(2))?.['expires']).toStrictEqual({ N: '1796154400' });

    await account.cursors('billing').save('account#7', { ...NEW, revision: 1 }, { ...NEW, processed: 2, seen: 2 });
    expect(await keepGroup(deps, 'account#7', 1)).toStrictEqual({ kind: 'up-to-date' });
  });
});

describe('filling a hole in the log', () => {
  it('writes tombstones only for the missing sequences: consumers wait before, and skip them after', async () => {
    const account = await createAccount(4);
    await account.remove(2, 3);
    await expect(account.next(1, 4)).rejects.toMatchObject({ code: 'LOG_HOLE', places: { from: 2, to: 3 } });

    const result = await fillPlaces(account.repair, { group: 'account#7', from: 2, to: 4 }, TEXT);

    expect(result).toStrictEqual({ kind: 'filled', filled: [2, 3], taken: [4] });
    expect(await account.next(1, 4)).toStrictEqual({ kind: 'passed', why: 'tombstone', from: 2, to: 3 });
    expect(await account.next(3, 4)).toMatchObject({ kind: 'event', sequence: 4 });
    expect(await account.item(2)).toMatchObject({
      kind: { S: 'TOMBSTONE' },
      reason: { S: 'restored' },
      by: { S: 'ann' },
    });
    expect(await account.reader.find({ group: 'account#7', sequence: 2 })).toBeUndefined();
    expect(await account.deposit()).toBe(5);
  });

  it('refuses sequences that the group has not used, because its next event will need them', async () => {
    const account = await createAccount(2);

    expect(await fillPlaces(account.repair, { group: 'account#7', from: 2, to: 3 }, TEXT)).toStrictEqual({
      kind: 'beyond',
      lastUsed: 2,
    });
    expect(await account.deposit()).toBe(3);
  });
});

describe('after the outbox was restored to an earlier time', () => {
  /** Two events are in the restored log; consumers had seen up to 250 and 4. */
  async function createRestored() {
    const account = await createAccount(2);
    await account.cursors('billing').save('account#7', NEW, { ...NEW, processed: 250, seen: 250 });
    await account.cursors('shipping').save('account#7', NEW, { ...NEW, processed: 2, seen: 4 });
    return account;
  }

  it('finds groups with a head behind a consumer’s cursor, and changes nothing by default', async () => {
    const account = await createRestored();

    const found = await gathered(raiseHeads({ ...account, readLimiter: NO_PACE }, { apply: false, text: TEXT }));

    expect(found).toStrictEqual([{ group: 'account#7', from: 2, to: 250, raised: false }]);
    expect(await account.deposit()).toBe(3);
  });

  it('leaves the sequences of a group to its aggregate if the aggregate assigns them itself', async () => {
    const account = await createAccount(0);
    for (const own of [1, 2, 3]) await account.deposit(own);
    await account.remove(0);
    await account.cursors('billing').save('account#7', NEW, { ...NEW, processed: 5, seen: 5 });

    const found = await gathered(raiseHeads({ ...account, readLimiter: NO_PACE }, { apply: true, text: TEXT }));

    expect(found).toStrictEqual([{ group: 'account#7', from: 0, to: 5, raised: true }]);
    await expect(account.deposit(4)).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_TAKEN', last: 5 });
    await expect(account.deposit()).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_MIXED' });
    expect(await account.deposit(6)).toBe(6);
  });

  it('raises heads beyond every cursor, so that new events are not duplicates and consumers behind do not wait', async () => {
    const account = await createRestored();

    const found = await gathered(raiseHeads({ ...account, readLimiter: NO_PACE }, { apply: true, text: TEXT }));

    expect(found).toStrictEqual([{ group: 'account#7', from: 2, to: 250, raised: true }]);
    expect(await account.deposit()).toBe(251);
    expect(await account.next(250, 251)).toMatchObject({ kind: 'event', sequence: 251 });
    expect(await account.next(2, 251)).toMatchObject({ kind: 'passed', why: 'tombstone', from: 3 });
    // no marker: nothing is published for a tombstone
    expect(await account.markers()).toBe(3);
    expect(await gathered(raiseHeads({ ...account, readLimiter: NO_PACE }, { apply: true, text: TEXT }))).toStrictEqual(
      [],
    );
  });

  it('raises heads beyond events that producers publish meanwhile', async () => {
    const account = await createRestored();
    await account.deposit();

    await gathered(raiseHeads({ ...account, readLimiter: NO_PACE }, { apply: true, text: TEXT }));

    expect(await account.next(2, 250)).toMatchObject({ kind: 'event', sequence: 3 });
    expect(await account.next(3, 250)).toMatchObject({ kind: 'passed', from: 4 });
  });
});
