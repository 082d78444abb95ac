import { afterAll, beforeAll } from 'vitest';
import { OUTBOX_TABLE, PENDING_TABLE } from '../../../lib/definitions/index.ts';
import { LINKS_TABLE, parseLinkItem } from '../../../lib/links/index.ts';
import { createDynamoDbOutboxStore, createOutbox } from '../../../lib/outbox/index.ts';
import { createDynamoDbTableStore, createTenancy, createTenantTable } from '../../../lib/tenancy/index.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeLinks, LINKS_START } from './links.ts';

let engine: LocalDynamoDb;
let run = 0;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
});

afterAll(() => engine.close());

describeLinks('DynamoDB', async () => {
  run += 1;
  const outboxTableName = `outbox-${run}`;
  const pendingTableName = `pending-${run}`;
  const tableName = `links-${run}`;
  await engine.createTable(outboxTableName, OUTBOX_TABLE);
  await engine.createTable(pendingTableName, PENDING_TABLE);
  await engine.createTable(tableName, LINKS_TABLE);
  const { client } = engine;
  const clock = createTestClock(LINKS_START);
  const ids = createCountingIds();
  const outbox = createOutbox({
    store: createDynamoDbOutboxStore({ client, outboxTableName, pendingTableName }),
    clock,
    // tokens of each test are its own
    ids: { ...ids, newToken: () => `${run}-${ids.newToken()}` },
    sleep: async () => undefined,
    random: () => 0,
    retentionSeconds: 60,
  });
  const tenancy = createTenancy({ mode: 'required', audit: { crossTenantWork: () => undefined } });
  const store = createDynamoDbTableStore(client);
  return {
    outbox,
    clock,
    tenancy,
    table: createTenantTable({ store, outbox, tenancy, tableName, schema: LINKS_TABLE, parse: parseLinkItem }),
  };
});
