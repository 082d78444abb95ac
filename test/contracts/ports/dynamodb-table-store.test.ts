import { afterAll, beforeAll } from 'vitest';
import { createDynamoDbTableStore, type TableStore } from '../../../lib/tenancy/index.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeTableStore, VISITS_TABLE } from './table-store.ts';

let engine: LocalDynamoDb;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
});

afterAll(() => engine.close());

let run = 0;

describeTableStore('DynamoDB', async () => {
  run += 1;
  const tableName = `visits-${run}`;
  await engine.createTable(tableName, VISITS_TABLE);
  return renamed(createDynamoDbTableStore(engine.client), tableName);
});

/** The suite knows one table's name, the engine a new table for each test. */
const renamed = (store: TableStore, tableName: string): TableStore => ({
  get: (_, key) => store.get(tableName, key),
  getBatch: (_, keys) => store.getBatch(tableName, keys),
  query: (request) => store.query({ ...request, tableName }),
  write: (writes) =>
    store.write(
      writes.map(({ Put, Delete }) => ({
        ...(Put && { Put: { ...Put, TableName: tableName } }),
        ...(Delete && { Delete: { ...Delete, TableName: tableName } }),
      })),
    ),
});
