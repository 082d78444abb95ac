import { BatchWriteItemCommand, type DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import type { Item } from '../../../lib/outbox/index.ts';
import { createDynamoDbViewSweeper, type SweptGenerations, type ViewSweeper } from '../../../lib/projection/index.ts';
import { createInMemoryViewSweeper } from '../../../lib/testing/in-memory-view-sweeper.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';
import { startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';

const VIEW = {
  partitionKey: { name: 'currency', type: 'S' },
  sortKey: { name: 'day', type: 'S' },
} as const satisfies TableSchema;

interface Opened {
  readonly sweeper: ViewSweeper;
  readonly left: () => Promise<readonly Item[]>;
}

async function openMemory(items: readonly Item[]): Promise<Opened> {
  const tables = createInMemoryTables({ view: VIEW });
  tables.apply(items.map((Item) => ({ Put: { TableName: 'view', Item: { ...Item } } })));
  return { sweeper: createInMemoryViewSweeper(tables, 'view', VIEW), left: async () => tables.items('view') };
}

async function openDynamoDb(items: readonly Item[]): Promise<Opened> {
  const engine = await startLocalDynamoDb();
  onTestFinished(() => engine.close());
  await engine.createTable('view', VIEW);
  for (const Item of items) await engine.client.send(new PutItemCommand({ TableName: 'view', Item: { ...Item } }));
  const { client } = engine;
  return {
    sweeper: createDynamoDbViewSweeper({
      client,
      tableName: 'view',
      view: VIEW,
      sleep: async () => undefined,
      random: () => 0,
    }),
    left: async () => (await client.send(new ScanCommand({ TableName: 'view', ConsistentRead: true }))).Items ?? [],
  };
}

const itemOf = (generation: number, day: number): Item => ({
  currency: { S: `${generation}#GBP` },
  day: { S: `2026-11-${String(day).padStart(2, '0')}` },
  viewGeneration: { N: String(generation) },
});

/** A month in each of three generations. */
const ITEMS = [1, 2, 3].flatMap((generation) => Array.from({ length: 30 }, (_, day) => itemOf(generation, day + 1)));

async function sweepAll(sweeper: ViewSweeper, generations: SweptGenerations): Promise<number> {
  let sum = 0;
  let after: string | undefined;
  do {
    const { deleted, next } = await sweeper.sweep(generations, after);
    sum += deleted;
    after = next;
  } while (after !== undefined);
  return sum;
}

describe.each([
  ['memory', openMemory],
  ['DynamoDB', openDynamoDb],
] as const)('ViewSweeper contract: %s', (_, open) => {
  it('deletes the generations up to the given one, page by page, and neither the kept one nor a later one', async () => {
    const { sweeper, left } = await open(ITEMS);

    expect(await sweepAll(sweeper, { upTo: 2, keep: 1 })).toBe(30);
    expect(await sweepAll(sweeper, { upTo: 2, keep: 1 })).toBe(0);
    expect(new Set((await left()).map(({ viewGeneration }) => viewGeneration?.N))).toStrictEqual(new Set(['1', '3']));

    expect(await sweepAll(sweeper, { upTo: 3, keep: 3 })).toBe(30);
    expect(new Set((await left()).map(({ viewGeneration }) => viewGeneration?.N))).toStrictEqual(new Set(['3']));
    expect(await left()).toHaveLength(30);
  });
});

describe('the view sweeper on DynamoDB', () => {
  it('deletes unprocessed items of a call with another call', async () => {
    const engine = await startLocalDynamoDb();
    onTestFinished(() => engine.close());
    await engine.createTable('view', VIEW);
    for (const Item of ITEMS.slice(0, 10)) {
      await engine.client.send(new PutItemCommand({ TableName: 'view', Item: { ...Item } }));
    }
    const { client } = engine;
    /** Of each batch the first three are done. */
    const send = async (command: BatchWriteItemCommand | ScanCommand) => {
      if (command instanceof ScanCommand) return client.send(command);
      const requests = command.input.RequestItems?.['view'] ?? [];
      await client.send(new BatchWriteItemCommand({ RequestItems: { view: requests.slice(0, 3) } }));
      const rest = requests.slice(3);
      return { UnprocessedItems: rest.length === 0 ? {} : { view: rest } };
    };
    const sweeper = createDynamoDbViewSweeper({
      client: { send } as unknown as DynamoDBClient,
      tableName: 'view',
      view: VIEW,
      sleep: async () => undefined,
      random: () => 0,
    });

    expect(await sweepAll(sweeper, { upTo: 1, keep: 2 })).toBe(10);

    expect((await client.send(new ScanCommand({ TableName: 'view', ConsistentRead: true }))).Items).toStrictEqual([]);
  });
});
