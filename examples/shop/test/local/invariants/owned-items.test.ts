import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../../../../test/fixtures/local-dynamodb.ts';
import { stockItemSchema } from '../../../functions/inventory/stock.ts';
import { STOCK_TABLE } from '../../../functions/inventory/table.ts';
import { createOwnedReader } from '../../../local/invariants/owned-items.ts';

let local: LocalDynamoDb;

beforeAll(async () => {
  local = await startLocalDynamoDb();
});

afterAll(() => local.close());

const piecesIn = (tableName: string) => ({
  tableName,
  schema: STOCK_TABLE,
  parse: (item: unknown) => stockItemSchema.parse(item),
});

async function fill(tableName: string, ...items: Record<string, AttributeValue>[]) {
  await local.createTable(tableName, STOCK_TABLE);
  for (const Item of items) await local.client.send(new PutItemCommand({ TableName: tableName, Item }));
}

describe('the reader of whole tables', () => {
  it('returns the items of each tenant without the tenant in their keys', async () => {
    await fill('tenants', { sku: { S: 'a#T#1' }, available: { N: '3' } });
    const reader = createOwnedReader(local.client, { hasTenants: true });

    const items = await reader.read(piecesIn('tenants'));

    expect(items).toStrictEqual([{ tenantId: 'a', item: { sku: 'T#1', available: 3 } }]);
    expect(reader.check()).toStrictEqual({
      name: 'tables: each item is one that its service can read',
      holds: true,
      detail: ['1 item'],
    });
  });

  it('also removes the tenant from index keys, but does not remove another tenant', async () => {
    const schema = {
      partitionKey: { name: 'id', type: 'S' },
      indexes: [
        { name: 'byMood', partitionKey: { name: 'mood', type: 'S' } },
        { name: 'byOwner', partitionKey: { name: 'owner', type: 'S' } },
      ],
    } as const;
    await local.createTable('indexed', schema);
    const Item = { id: { S: 'a#1' }, mood: { S: 'a#glad' }, owner: { S: 'b#ann' }, note: { S: 'a#b' } };
    await local.client.send(new PutItemCommand({ TableName: 'indexed', Item }));
    const reader = createOwnedReader(local.client, { hasTenants: true });

    const items = await reader.read({ tableName: 'indexed', schema, parse: (item) => item });

    expect(items).toStrictEqual([{ tenantId: 'a', item: { id: '1', mood: 'glad', owner: 'b#ann', note: 'a#b' } }]);
  });

  it('reports an item that cannot be read, and continues with the others', async () => {
    await fill('mixed', { sku: { S: 'TEA' }, available: { N: '-1' } }, { sku: { S: 'CUP' }, available: { N: '2' } });
    const reader = createOwnedReader(local.client, { hasTenants: false });

    const items = await reader.read(piecesIn('mixed'));

    expect(items).toStrictEqual([{ tenantId: undefined, item: { sku: 'CUP', available: 2 } }]);
    expect(reader.check()).toMatchObject({
      holds: false,
      detail: ["mixed: 'TEA' cannot be read: available: Too small: expected number to be >=0"],
    });
  });
});
