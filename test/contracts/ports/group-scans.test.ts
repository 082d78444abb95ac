import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OUTBOX_TABLE } from '../../../lib/definitions/index.ts';
import { createDynamoDbGroupScanner } from '../../../lib/projection/index.ts';
import { startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';

async function openLog(events: readonly { readonly group: string; readonly source: string; readonly type: string }[]) {
  const engine = await startLocalDynamoDb();
  onTestFinished(() => engine.close());
  await engine.createTable('outbox', OUTBOX_TABLE);
  for (const { group, source, type } of events) {
    const Item = { partitionkey: { S: group }, sequence: { N: '1' }, source: { S: source }, type: { S: type } };
    await engine.client.send(new PutItemCommand({ TableName: 'outbox', Item }));
  }
  return createDynamoDbGroupScanner({ client: engine.client, outboxTableName: 'outbox' });
}

const PLACED = { group: 'order#1', source: '/orders', type: 'placed' };
const PAID = { group: 'order#2', source: '/orders', type: 'paid' };
const OPENED = { group: 'shop#1', source: '/shops', type: 'opened' };
const CLOSED = { group: 'shop#2', source: '/shops', type: 'closed' };

/** `placed`, and as many others that no event is of. */
const typesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ source: '/orders', type: index === 0 ? 'placed' : `type-${index}` }));

describe('the group scanner on DynamoDB', () => {
  it('finds the groups of types of several sources in one scan, and reports its cost', async () => {
    const scanner = await openLog([PLACED, PAID, OPENED, CLOSED]);

    const { groups, next, readUnits } = await scanner.page([PLACED, OPENED], undefined);

    expect(groups.toSorted()).toStrictEqual(['order#1', 'shop#1']);
    expect([next, readUnits]).toStrictEqual([undefined, 1]);
  });

  it('filters up to 100 types by name, and reads every event for more', async () => {
    const scanner = await openLog([PLACED, PAID]);

    expect((await scanner.page(typesOf(100), undefined)).groups).toStrictEqual(['order#1']);
    expect((await scanner.page(typesOf(101), undefined)).groups.toSorted()).toStrictEqual(['order#1', 'order#2']);
  });

  it.each([
    ['says nothing of the table', {}],
    ['does not say when the table was created', { Table: {} }],
  ])('assumes the greatest age of the log if the service %s', async (_, answer) => {
    const client = { send: async () => answer } as unknown as DynamoDBClient;

    expect(await createDynamoDbGroupScanner({ client, outboxTableName: 'outbox' }).createdAt()).toBe(0);
  });
});
