import {
  type AttributeValue,
  BatchWriteItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DynamoDbRig, nameOf, openDynamoDbRig } from './dynamodb-rig.ts';

const LOG = nameOf('Log');

let rig: DynamoDbRig;

beforeEach(async () => {
  rig = await openDynamoDbRig();
  await rig.createTable({
    TableName: LOG,
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'seq', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'seq', AttributeType: 'N' },
      { AttributeName: 'waiting', AttributeType: 'S' },
      { AttributeName: 'since', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'waiting',
        KeySchema: [
          { AttributeName: 'waiting', KeyType: 'HASH' },
          { AttributeName: 'since', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['why'] },
      },
    ],
  });
});

type Item = Record<string, AttributeValue>;

const put = (Item: Item) => rig.client.send(new PutItemCommand({ TableName: LOG, Item }));

const fill = async (items: readonly Item[]) => {
  for (let at = 0; at < items.length; at += 25) {
    const requests = items.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
    await rig.client.send(new BatchWriteItemCommand({ RequestItems: { [LOG]: requests } }));
  }
};

/** All pages of a query, with how many there were. */
async function queryAll(input: Omit<QueryCommandInput, 'TableName'>): Promise<{ items: Item[]; pages: number }> {
  const items: Item[] = [];
  let pages = 0;
  let start: Item | undefined;
  do {
    const page = await rig.client.send(new QueryCommand({ ...input, TableName: LOG, ExclusiveStartKey: start }));
    items.push(...(page.Items ?? []));
    pages++;
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return { items, pages };
}

const ofGroup = { KeyConditionExpression: 'pk = :g', ExpressionAttributeValues: { ':g': { S: 'g' } } };
const waiting = { IndexName: 'waiting', KeyConditionExpression: 'waiting = :y' };
const yes = { ':y': { S: 'yes' } };
const sequences = (items: readonly Item[]) => items.map((item) => Number(item['seq']?.N));

describe('Query', () => {
  it('returns numbers in their order, forwards and backwards', async () => {
    await fill([10, -3, 2, 0, 100, 1.5, -20].map((n) => ({ pk: { S: 'g' }, seq: { N: String(n) } })));

    const up = await queryAll({ ...ofGroup, Limit: 2 });
    const down = await queryAll({ ...ofGroup, Limit: 3, ScanIndexForward: false });

    expect(sequences(up.items)).toEqual([-20, -3, 0, 1.5, 2, 10, 100]);
    expect(up.pages).toBe(4);
    expect(sequences(down.items)).toEqual([100, 10, 2, 1.5, 0, -3, -20]);
  });

  it.each([
    ['seq = :a', [3]],
    ['seq < :a', [1, 2]],
    ['seq <= :a', [1, 2, 3]],
    ['seq > :a', [4, 5]],
    ['seq >= :a', [3, 4, 5]],
    ['seq BETWEEN :a AND :b', [3, 4]],
  ])('accepts the condition %s', async (condition, expected) => {
    await fill([1, 2, 3, 4, 5].map((n) => ({ pk: { S: 'g' }, seq: { N: String(n) } })));

    const { items } = await queryAll({
      KeyConditionExpression: `pk = :g AND ${condition}`,
      ExpressionAttributeValues: {
        ':g': { S: 'g' },
        ':a': { N: '3' },
        ...(condition.includes(':b') ? { ':b': { N: '4' } } : {}),
      },
    });

    expect(sequences(items)).toEqual(expected);
  });

  it.each([
    [{ pk: { S: 'g' } }, 'The provided starting key is invalid'],
    [{ pk: { S: 'g' }, seq: { N: '1' }, why: { S: 'x' } }, 'The provided starting key is invalid'],
    [{ pk: { S: 'g' }, why: { S: 'x' } }, 'The provided starting key is invalid'],
    [{ pk: { S: 'g' }, seq: { S: '1' } }, 'The provided key element does not match the schema'],
  ] satisfies readonly (readonly [Item, string])[])(
    'continues from a complete key only: %j',
    async (start, message) => {
      const refused = rig.client.send(new QueryCommand({ ...ofGroup, TableName: LOG, ExclusiveStartKey: start }));

      await expect(refused).rejects.toMatchObject({ name: 'ValidationException', message });
    },
  );

  it('counts filtered items as scanned', async () => {
    await fill([1, 2, 3].map((n) => ({ pk: { S: 'g' }, seq: { N: String(n) }, odd: { BOOL: n % 2 === 1 } })));

    const page = await rig.client.send(
      new QueryCommand({
        TableName: LOG,
        KeyConditionExpression: 'pk = :g',
        FilterExpression: 'odd = :yes',
        ExpressionAttributeValues: { ':g': { S: 'g' }, ':yes': { BOOL: true } },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );

    expect(page).toMatchObject({ Count: 2, ScannedCount: 3, ConsumedCapacity: { CapacityUnits: 0.5 } });
  });

  it('ends a page at 1 MB', async () => {
    const body = { S: 'x'.repeat(300 * 1024) };
    for (const n of [1, 2, 3, 4, 5]) await put({ pk: { S: 'g' }, seq: { N: String(n) }, body });

    const { items, pages } = await queryAll(ofGroup);

    expect(sequences(items)).toEqual([1, 2, 3, 4, 5]);
    expect(pages).toBe(2);
  });

  it('refuses an index that the table does not have', async () => {
    await expect(queryAll({ ...ofGroup, IndexName: 'nowhere' })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'The table does not have the specified index: nowhere',
    });
  });
});

describe('Query on a global index', () => {
  it('holds the items that have its keys, with the attributes that it projects', async () => {
    await put({
      pk: { S: 'a' },
      seq: { N: '1' },
      waiting: { S: 'yes' },
      since: { S: 't1' },
      why: { S: 'w' },
      x: { S: 'x' },
    });
    await put({ pk: { S: 'b' }, seq: { N: '1' } });

    const { items } = await queryAll({ ...waiting, ExpressionAttributeValues: yes });

    expect(items).toEqual([
      { pk: { S: 'a' }, seq: { N: '1' }, waiting: { S: 'yes' }, since: { S: 't1' }, why: { S: 'w' } },
    ]);
  });

  it('follows an item that changes its index key or loses it', async () => {
    await put({ pk: { S: 'a' }, seq: { N: '1' }, waiting: { S: 'yes' }, since: { S: 't1' } });
    await put({ pk: { S: 'b' }, seq: { N: '1' }, waiting: { S: 'yes' }, since: { S: 't2' } });

    await put({ pk: { S: 'a' }, seq: { N: '1' }, waiting: { S: 'yes' }, since: { S: 't3' } });
    await put({ pk: { S: 'b' }, seq: { N: '1' } });

    const { items } = await queryAll({ ...waiting, ExpressionAttributeValues: yes });
    expect(items).toEqual([{ pk: { S: 'a' }, seq: { N: '1' }, waiting: { S: 'yes' }, since: { S: 't3' } }]);
  });

  it.each([true, false])('pages over thousands of items with the same key, forward %s', async (ScanIndexForward) => {
    // 91 and 6622 share the short hash that ends an index key of dynalite
    const count = 7000;
    await fill(
      Array.from({ length: count }, (_, n) => ({
        pk: { S: `g${n}` },
        seq: { N: '1' },
        waiting: { S: 'yes' },
        since: { S: 'same' },
      })),
    );

    const { items } = await queryAll({ ...waiting, ExpressionAttributeValues: yes, Limit: 499, ScanIndexForward });

    expect(new Set(items.map((item) => item['pk']?.S)).size).toBe(count);
    expect(items).toHaveLength(count);
  });

  it('refuses a consistent read', async () => {
    await expect(queryAll({ ...waiting, ExpressionAttributeValues: yes, ConsistentRead: true })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Consistent reads are not supported on global secondary indexes',
    });
  });

  it('refuses an index key of another type', async () => {
    await expect(put({ pk: { S: 'a' }, seq: { N: '1' }, since: { N: '1' } })).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        'One or more parameter values were invalid: Type mismatch for Index Key since Expected: S Actual: N IndexName: waiting',
    });
  });
});

describe('Scan', () => {
  const scanAll = async (input: Partial<ScanCommandInput>) => {
    const items: Item[] = [];
    let start: Item | undefined;
    do {
      const page = await rig.client.send(new ScanCommand({ TableName: LOG, ExclusiveStartKey: start, ...input }));
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return items.map((item) => item['pk']?.S ?? '').sort();
  };

  const groups = Array.from({ length: 60 }, (_, n) => `g${String(n).padStart(2, '0')}`);

  it('finds everything, page by page', async () => {
    await fill(groups.map((pk) => ({ pk: { S: pk }, seq: { N: '1' } })));

    expect(await scanAll({ Limit: 7 })).toEqual(groups);
  });

  it('divides the table into segments', async () => {
    await fill(groups.map((pk) => ({ pk: { S: pk }, seq: { N: '1' } })));

    const segments = await Promise.all([0, 1, 2].map((Segment) => scanAll({ Segment, TotalSegments: 3 })));

    expect(segments.flat().sort()).toEqual(groups);
    expect(segments.every((segment) => segment.length > 0)).toBe(true);
  });

  it('reads an index', async () => {
    await put({ pk: { S: 'a' }, seq: { N: '1' }, waiting: { S: 'yes' }, since: { S: 't1' } });
    await put({ pk: { S: 'b' }, seq: { N: '1' } });

    expect(await scanAll({ IndexName: 'waiting', Limit: 1 })).toEqual(['a']);
  });
});
