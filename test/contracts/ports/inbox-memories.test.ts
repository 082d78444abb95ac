import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbInboxMemory } from '../../../lib/consumer/index.ts';
import { INBOX_TABLE } from '../../../lib/definitions/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createInMemoryInboxMemory } from '../../../lib/testing/in-memory-inbox-memory.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeInboxMemory } from './inbox-memory.ts';

let engine: LocalDynamoDb;
let run = 0;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
});

afterAll(() => engine.close());

/** 2026-11-20T06:00:00.000Z */
const NOW = 1_795_154_400_000 as EpochMs;
const DAY_SECONDS = 86_400;

const itemOf = (id: string, attributes: Readonly<Record<string, string>>) => ({
  id: { S: id },
  ...Object.fromEntries(Object.entries(attributes).map(([name, S]) => [name, { S }])),
});

const memoryOn = (tableName: string, expirySeconds: number) =>
  createDynamoDbInboxMemory({
    client: engine.client,
    tableName,
    consumer: 'billing',
    expirySeconds,
    clock: { now: () => NOW },
  });

describeInboxMemory('memory', async () => {
  const tables = createInMemoryTables({ inbox: INBOX_TABLE });
  return {
    memory: createInMemoryInboxMemory({ tables, tableName: 'inbox', consumer: 'billing' }),
    put: async (id, attributes) => tables.apply([{ Put: { TableName: 'inbox', Item: itemOf(id, attributes) } }]),
  };
});

describeInboxMemory('DynamoDB', async () => {
  const tableName = `inbox-${++run}`;
  await engine.createTable(tableName, INBOX_TABLE);
  return {
    memory: memoryOn(tableName, 20 * DAY_SECONDS),
    put: async (id, attributes) => {
      await engine.client.send(new PutItemCommand({ TableName: tableName, Item: itemOf(id, attributes) }));
    },
  };
});

describe('the memory of an inbox', () => {
  it.each([
    ['fourteen days, however long it remembers now: a lower setting may have written the record', 180, 14],
    ['as long as it remembers, where that is less', 10, 10],
  ])('covers events of %s, less an hour for clock differences', (_, expiryDays, days) => {
    const { reliableSince } = memoryOn('inbox', expiryDays * DAY_SECONDS);

    expect(NOW - reliableSince()).toBe(days * 86_400_000 - 3_600_000);
  });
});
