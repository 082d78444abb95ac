import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OUTBOX_TABLE, PENDING_TABLE } from '../../../lib/definitions/index.ts';
import { createDynamoDbOutboxStore } from '../../../lib/outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeOutboxStore } from './outbox-store.ts';

let engine: LocalDynamoDb;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
});

afterAll(() => engine.close());

let run = 0;

describeOutboxStore('DynamoDB', async () => {
  run += 1;
  const outboxTableName = `outbox-${run}`;
  const pendingTableName = `pending-${run}`;
  const accountsTableName = `accounts-${run}`;
  await engine.createTable(outboxTableName, OUTBOX_TABLE);
  await engine.createTable(pendingTableName, PENDING_TABLE);
  await engine.createTable(accountsTableName, { partitionKey: { name: 'accountId', type: 'S' } });

  const items = async (tableName: string) =>
    (await engine.client.send(new ScanCommand({ TableName: tableName, ConsistentRead: true }))).Items ?? [];
  const remove = async (TableName: string, sequence: number) => {
    const Key = { partitionkey: { S: 'account#7' }, sequence: { N: String(sequence) } };
    await engine.client.send(new DeleteItemCommand({ TableName, Key }));
  };
  const store = createDynamoDbOutboxStore({ client: engine.client, outboxTableName, pendingTableName });
  const renamed = JSON.stringify(accountsTableName);
  return {
    store: {
      readHeads: store.readHeads,
      // the suite speaks of one table; tables and tokens of each test are its own
      commit: (commit) =>
        store.commit({
          ...JSON.parse(JSON.stringify(commit).replaceAll('"accounts"', renamed)),
          token: `${run}-${commit.token}`,
        }),
    },
    accounts: async () =>
      (await items(accountsTableName)).sort((a, b) => ((a['accountId']?.S ?? '') < (b['accountId']?.S ?? '') ? -1 : 1)),
    expire: async (sequence) => {
      await remove(outboxTableName, sequence);
      await remove(pendingTableName, sequence);
    },
    clearMarker: (sequence) => remove(pendingTableName, sequence),
    places: async () => {
      const marked = (await items(pendingTableName)).map((item) => `${item['partitionkey']?.S} ${item['sequence']?.N}`);
      const logged = (await items(outboxTableName))
        .filter((item) => item['kind']?.S === 'EVENT')
        .map((item) => `${item['partitionkey']?.S} ${item['sequence']?.N}`);
      // a marker without its event, or the other way round, must fail the test
      return JSON.stringify(marked) === JSON.stringify(logged)
        ? logged
        : [...logged, ...marked.map((place) => `marker ${place}`)];
    },
  };
});

it('keeps the marker of an event that expired before it was published', async () => {
  run += 1;
  const [outboxTableName, pendingTableName] = [`outbox-${run}`, `pending-${run}`];
  await engine.createTable(outboxTableName, OUTBOX_TABLE);
  await engine.createTable(pendingTableName, PENDING_TABLE);
  const store = createDynamoDbOutboxStore({ client: engine.client, outboxTableName, pendingTableName });
  const commitOf = (id: string) => ({
    token: `${run}-${id}`,
    writes: [],
    heads: [],
    events: [
      {
        group: 'account#7',
        sequence: 1,
        id,
        source: '/accounts',
        type: 'com.example.account.deposited',
        body: '{}',
        committedAt: 1_795_154_400_000 as EpochMs,
        expires: 1_796_709_600 as EpochSeconds,
      },
    ],
  });
  await store.commit(commitOf('first'));
  const Key = { partitionkey: { S: 'account#7' }, sequence: { N: '1' } };
  await engine.client.send(new DeleteItemCommand({ TableName: outboxTableName, Key }));

  const outcome = await store.commit(commitOf('second'));

  const { Items } = await engine.client.send(new ScanCommand({ TableName: pendingTableName, ConsistentRead: true }));
  expect(outcome).toMatchObject({ kind: 'sequence-taken' });
  expect(Items).toMatchObject([{ id: { S: 'first' } }]);
});
