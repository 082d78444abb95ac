import { afterAll, beforeAll } from 'vitest';
import { createDynamoDbEventLog } from '../../../lib/consumer/index.ts';
import { OUTBOX_TABLE, PENDING_TABLE } from '../../../lib/definitions/index.ts';
import { createDynamoDbOutboxStore } from '../../../lib/outbox/index.ts';
import { createInMemoryEventLog } from '../../../lib/testing/in-memory-event-log.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeEventLog } from './event-log.ts';

let engine: LocalDynamoDb;
let run = 0;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
});

afterAll(() => engine.close());

describeEventLog('in memory', async () => {
  const store = createInMemoryOutboxStore();
  return { store, log: createInMemoryEventLog(store) };
});

describeEventLog('DynamoDB', async () => {
  run += 1;
  const outboxTableName = `outbox-${run}`;
  const pendingTableName = `pending-${run}`;
  const { client } = engine;
  await engine.createTable(outboxTableName, OUTBOX_TABLE);
  await engine.createTable(pendingTableName, PENDING_TABLE);
  return {
    store: createDynamoDbOutboxStore({ client, outboxTableName, pendingTableName, compressEvents: true }),
    log: createDynamoDbEventLog({ client, outboxTableName }),
  };
});
