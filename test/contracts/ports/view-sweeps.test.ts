import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import { createDynamoDbViewSweeper } from '../../../lib/projection/index.ts';
import { startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';

const UNSORTED = { partitionKey: { name: 'id', type: 'S' } } as const satisfies TableSchema;
const SORTED = { ...UNSORTED, sortKey: { name: 'place', type: 'N' } } as const satisfies TableSchema;

/** More than a sweep of these items can need. */
const MOST_PAGES = 20;

const WAITS = { sleep: async () => undefined, random: () => 0 };

async function openView(view: TableSchema) {
  const engine = await startLocalDynamoDb();
  onTestFinished(() => engine.close());
  await engine.createTable('view', view);
  for (const generation of [1, 2]) {
    for (let place = 1; place <= 30; place++) {
      const Item = {
        id: { S: `${generation}#${place}` },
        place: { N: String(place) },
        viewGeneration: { N: String(generation) },
      };
      await engine.client.send(new PutItemCommand({ TableName: 'view', Item }));
    }
  }
  return engine.client;
}

describe('the view sweeper on DynamoDB', () => {
  it.each([
    ['without a sort key', UNSORTED],
    ['with a sort key', SORTED],
  ])('reads a view %s page by page, each from the end of the previous one', async (_, view) => {
    const client = await openView(view);
    const limits: unknown[] = [];
    /** Pages of 7 items where 500 are asked for. */
    const send = (command: ScanCommand | BatchWriteItemCommand) => {
      if (command instanceof BatchWriteItemCommand) return client.send(command);
      limits.push(command.input.Limit);
      return client.send(new ScanCommand({ ...command.input, Limit: 7 }));
    };
    const sweeper = createDynamoDbViewSweeper({
      client: { send } as unknown as DynamoDBClient,
      tableName: 'view',
      view,
      ...WAITS,
    });

    let deleted = 0;
    let next: string | undefined;
    do {
      const page = await sweeper.sweep({ upTo: 1, keep: 2 }, next);
      deleted += page.deleted;
      next = page.next;
    } while (next !== undefined && limits.length < MOST_PAGES);

    expect([deleted, next]).toStrictEqual([30, undefined]);
    expect(limits).toStrictEqual(Array.from({ length: 9 }, () => 500));
  });

  it('waits longer after each call with unprocessed items, but not after the last', async () => {
    const waits: number[] = [];
    let left = 4;
    const send = async (command: ScanCommand | BatchWriteItemCommand) => {
      if (command instanceof ScanCommand)
        return { Items: Array.from({ length: 4 }, (_, id) => ({ id: { S: `${id}` } })) };
      left -= 1;
      const requests: readonly WriteRequest[] = command.input.RequestItems?.['view'] ?? [];
      return { UnprocessedItems: left === 0 ? {} : { view: requests.slice(0, left) } };
    };
    const sweeper = createDynamoDbViewSweeper({
      client: { send } as unknown as DynamoDBClient,
      tableName: 'view',
      view: UNSORTED,
      sleep: async (delayMs) => void waits.push(delayMs),
      random: () => 0.5,
    });

    expect(await sweeper.sweep({ upTo: 1, keep: 2 }, undefined)).toStrictEqual({ deleted: 4, next: undefined });
    expect(waits).toStrictEqual([25, 50, 100]);
  });
});
