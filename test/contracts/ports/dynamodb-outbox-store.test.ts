import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { OUTBOX_TABLE, PENDING_TABLE } from '../../../lib/contracts/index.ts';
import { createDynamoDbOutboxStore } from '../../../lib/outbox/index.ts';
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
