import {
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  TransactGetItemsCommand,
  type TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { DynamoDbFaults, ReadInfo } from '../../../local/dynamodb/faults.ts';
import { type DynamoDbRig, startOwnDynamoDb } from './dynamodb-rig.ts';
import { needsOwnEngine } from './endpoint-under-test.ts';

const TableName = 'Orders';

/** An engine with a table of the keys `group` and `n`, an index `by-state`, and a stream. */
async function openRig(faults: DynamoDbFaults): Promise<DynamoDbRig> {
  needsOwnEngine('DYNAMODB', 'what its reads see is decided by a fault of the engine');
  const rig = await startOwnDynamoDb(faults);
  await rig.createTable({
    TableName,
    KeySchema: [
      { AttributeName: 'group', KeyType: 'HASH' },
      { AttributeName: 'n', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'group', AttributeType: 'S' },
      { AttributeName: 'n', AttributeType: 'N' },
      { AttributeName: 'state', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-state',
        KeySchema: [
          { AttributeName: 'state', KeyType: 'HASH' },
          { AttributeName: 'n', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
  return rig;
}

const keyOf = (n: number) => ({ group: { S: 'g' }, n: { N: String(n) } });

const put = ({ client }: DynamoDbRig, n: number, state: string) =>
  client.send(new PutItemCommand({ TableName, Item: { ...keyOf(n), state: { S: state } } }));

const remove = ({ client }: DynamoDbRig, n: number) => client.send(new DeleteItemCommand({ TableName, Key: keyOf(n) }));

const get = async ({ client }: DynamoDbRig, n: number, ConsistentRead = false) => {
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf(n), ConsistentRead }));
  return Item?.['state']?.S;
};

const stateOf = (items: readonly Record<string, { readonly S?: string; readonly N?: string }>[] = []) =>
  items.map((item) => `${item['n']?.N} ${item['state']?.S}`);

const query = async ({ client }: DynamoDbRig, more: Partial<QueryCommandInput> = {}) => {
  const { Items } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: '#group = :group',
      ExpressionAttributeNames: { '#group': 'group' },
      ExpressionAttributeValues: { ':group': { S: 'g' } },
      ...more,
    }),
  );
  return stateOf(Items as Parameters<typeof stateOf>[0]);
};

const queryIndex = (rig: DynamoDbRig, state: string, more: Partial<QueryCommandInput> = {}) =>
  query(rig, {
    IndexName: 'by-state',
    KeyConditionExpression: '#state = :state',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: { ':state': { S: state } },
    ...more,
  });

const scan = async ({ client }: DynamoDbRig, ConsistentRead = false) => {
  const { Items } = await client.send(new ScanCommand({ TableName, ConsistentRead }));
  return stateOf(Items as Parameters<typeof stateOf>[0]).toSorted();
};

const batchGet = async ({ client }: DynamoDbRig, ns: readonly number[], ConsistentRead = false) => {
  const { Responses } = await client.send(
    new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: ns.map(keyOf), ConsistentRead } } }),
  );
  return stateOf(Responses?.[TableName] as Parameters<typeof stateOf>[0]).toSorted();
};

/** Every read that may lag sees what was there half a second ago. */
const lagging = (asked: ReadInfo[] = [], onSeen?: () => void): DynamoDbFaults => ({
  oldestStateMs: () => 1_000,
  onRead: (read) => {
    asked.push(read);
    return { ageMs: 500, ...(onSeen === undefined ? {} : { onSeen }) };
  },
});

describe('an eventually consistent read', () => {
  it('sees an earlier state of an item, and a consistent one the newest', async () => {
    const rig = await openRig(lagging());
    await put(rig, 1, 'placed');
    rig.clock.advance(600);
    await put(rig, 1, 'shipped');

    expect(await get(rig, 1)).toBe('placed');
    expect(await get(rig, 1, true)).toBe('shipped');
    expect(await query(rig)).toEqual(['1 placed']);
    expect(await query(rig, { ConsistentRead: true })).toEqual(['1 shipped']);
    expect(await scan(rig)).toEqual(['1 placed']);
    expect(await scan(rig, true)).toEqual(['1 shipped']);
    expect(await batchGet(rig, [1])).toEqual(['1 placed']);
    expect(await batchGet(rig, [1], true)).toEqual(['1 shipped']);
  });

  it('does not see an item that was just created, and still sees one that was just deleted', async () => {
    const rig = await openRig(lagging());
    for (const n of [1, 3, 5]) await put(rig, n, 'placed');
    rig.clock.advance(600);
    await put(rig, 2, 'placed');
    await remove(rig, 3);
    await put(rig, 4, 'placed');
    await remove(rig, 5);

    expect(await get(rig, 2)).toBeUndefined();
    expect(await get(rig, 3)).toBe('placed');
    expect(await query(rig)).toEqual(['1 placed', '3 placed', '5 placed']);
    expect(await query(rig, { ScanIndexForward: false })).toEqual(['5 placed', '3 placed', '1 placed']);
    expect(await query(rig, { ScanIndexForward: false, Limit: 2 })).toEqual(['5 placed', '3 placed']);
    expect(await query(rig, { ConsistentRead: true })).toEqual(['1 placed', '2 placed', '4 placed']);
  });

  it('sees the newest state when the lag has passed', async () => {
    const rig = await openRig(lagging());
    await put(rig, 1, 'placed');
    const before = await get(rig, 1);

    rig.clock.advance(500);

    expect(before).toBeUndefined();
    expect(await get(rig, 1)).toBe('placed');
  });

  it('sees the state of exactly the requested age', async () => {
    let ageMs = 0;
    const rig = await openRig({ oldestStateMs: () => 1_000, onRead: () => ({ ageMs }) });
    await put(rig, 1, 'a');
    rig.clock.advance(300);
    await put(rig, 1, 'b');
    rig.clock.advance(300);
    await put(rig, 1, 'c');

    const seen: unknown[] = [];
    for (ageMs of [0, 1, 301, 700]) seen.push(await get(rig, 1));

    expect(seen).toEqual(['c', 'b', 'a', undefined]);
  });

  it('is decided by item, operation and index', async () => {
    const asked: ReadInfo[] = [];
    const rig = await openRig(lagging(asked));
    await put(rig, 1, 'placed');

    await get(rig, 1);
    await get(rig, 1, true);
    await queryIndex(rig, 'placed');
    await queryIndex(rig, 'shipped');

    const item = { tableName: 'Orders', key: { group: { S: 'g' }, n: { N: '1' } } };
    expect(asked).toMatchObject([
      { ...item, operation: 'GetItem', indexName: undefined },
      { ...item, operation: 'Query', indexName: 'by-state' },
    ]);
  });

  it('reports when it has seen another state than the newest', async () => {
    let seen = 0;
    const rig = await openRig(lagging([], () => void seen++));
    await put(rig, 1, 'placed');
    rig.clock.advance(600);
    await put(rig, 1, 'placed');
    await get(rig, 1);
    const unchanged = seen;

    await put(rig, 1, 'shipped');
    await get(rig, 1);

    expect([unchanged, seen]).toEqual([0, 1]);
  });

  it('keeps no old states while the fault is disabled', async () => {
    let oldestStateMs = 1_000;
    const rig = await openRig({ ...lagging(), oldestStateMs: () => oldestStateMs });
    await put(rig, 1, 'placed');
    oldestStateMs = 0;
    await put(rig, 2, 'placed');
    oldestStateMs = 1_000;

    expect(await query(rig)).toEqual(['1 placed', '2 placed']);
  });
});

describe('a read of an index', () => {
  it('sees the entry of an earlier state, and not that of the newest', async () => {
    const rig = await openRig(lagging());
    for (const n of [1, 2, 3]) await put(rig, n, 'placed');
    rig.clock.advance(600);
    await put(rig, 2, 'shipped');

    expect(await queryIndex(rig, 'placed')).toEqual(['1 placed', '2 placed', '3 placed']);
    expect(await queryIndex(rig, 'shipped')).toEqual([]);
  });

  it('continues after its last page while entries lag', async () => {
    const rig = await openRig(lagging());
    for (const n of [1, 2, 3]) await put(rig, n, 'placed');
    rig.clock.advance(600);
    await remove(rig, 2);
    await put(rig, 4, 'placed');

    const pages: string[][] = [];
    let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
    do {
      const { Items, LastEvaluatedKey } = await rig.client.send(
        new QueryCommand({
          TableName,
          IndexName: 'by-state',
          KeyConditionExpression: '#state = :state',
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: { ':state': { S: 'placed' } },
          Limit: 1,
          ExclusiveStartKey,
        }),
      );
      pages.push(stateOf(Items as Parameters<typeof stateOf>[0]));
      ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);

    expect(pages.flat()).toEqual(['1 placed', '2 placed', '3 placed']);
  });
});

const MOVE = new TransactWriteItemsCommand({
  TransactItems: [1, 2].map((n) => ({ Put: { TableName, Item: { ...keyOf(n), state: { S: 'shipped' } } } })),
});

describe('a cancelled transaction', () => {
  it('names only those of its failed conditions that it is told to', async () => {
    const asked: unknown[] = [];
    const rig = await openRig({
      onCancelled({ failed, tableNames }) {
        asked.push([failed, tableNames]);
        return [1];
      },
    });
    await put(rig, 2, 'placed');
    const expecting = (n: number, condition: string) => ({
      Put: {
        TableName,
        Item: keyOf(n),
        ConditionExpression: condition,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      },
    });
    const [missing, present] = ['attribute_exists(#key)', 'attribute_not_exists(#key)'];
    const ExpressionAttributeNames = { '#key': Object.keys(keyOf(1))[0] ?? '' };
    const transact = (...writes: ReturnType<typeof expecting>[]) =>
      rig.client
        .send(
          new TransactWriteItemsCommand({
            TransactItems: writes.map(({ Put }) => ({ Put: { ...Put, ExpressionAttributeNames } })),
          }),
        )
        .catch((error: TransactionCanceledException) =>
          error.CancellationReasons?.map(({ Code, Item }) => [Code, Item?.['state']?.S]),
        );

    const several = await transact(expecting(1, missing), expecting(3, present), expecting(2, present));
    const one = await transact(expecting(1, missing), expecting(3, present));

    expect(several).toStrictEqual([
      ['None', undefined],
      ['None', undefined],
      ['ConditionalCheckFailed', 'placed'],
    ]);
    expect(one).toStrictEqual([
      ['ConditionalCheckFailed', undefined],
      ['None', undefined],
    ]);
    expect(asked).toStrictEqual([[2, [TableName, TableName]]]);
  });
});

describe('a transaction before its answer', () => {
  /** The second item of a transaction is not seen to change until it is answered, after 100 ms. */
  const openHalf = async (seen: string[] = []) => {
    const rig = await openRig({
      onTransaction: () => ({ unseen: [1], forMs: 100, onSeen: (operation) => void seen.push(operation) }),
    });
    for (const n of [1, 2]) await put(rig, n, 'placed');
    const committed = new Promise<void>((resolve) => void rig.engine.onCommit(() => resolve()));
    const answer = rig.client.send(MOVE);
    await committed;
    return { rig, answer };
  };

  it('is seen in part by Query, Scan and BatchGetItem, even with consistent reads', async () => {
    const seen: string[] = [];
    const { rig, answer } = await openHalf(seen);

    expect(await query(rig, { ConsistentRead: true })).toEqual(['1 shipped', '2 placed']);
    expect(await scan(rig, true)).toEqual(['1 shipped', '2 placed']);
    expect(await batchGet(rig, [1, 2], true)).toEqual(['1 shipped', '2 placed']);
    expect(await queryIndex(rig, 'placed')).toEqual(['2 placed']);
    expect(seen).toEqual(['Query', 'Scan', 'BatchGetItem', 'Query']);

    rig.clock.advance(100);
    await answer;
  });

  it('is seen whole by every read after it is answered', async () => {
    const { rig, answer } = await openHalf();

    rig.clock.advance(100);
    await answer;

    expect(await query(rig, { ConsistentRead: true })).toEqual(['1 shipped', '2 shipped']);
  });

  it('is never seen in part by TransactGetItems', async () => {
    const { rig, answer } = await openHalf();

    const { Responses } = await rig.client.send(
      new TransactGetItemsCommand({ TransactItems: [1, 2].map((n) => ({ Get: { TableName, Key: keyOf(n) } })) }),
    );

    expect(Responses?.map(({ Item }) => Item?.['state']?.S)).toEqual(['shipped', 'shipped']);
    rig.clock.advance(100);
    await answer;
  });

  it.each([
    ['GetItem has seen it', (rig: DynamoDbRig) => get(rig, 2, true)],
    ['a condition was checked on it', (rig: DynamoDbRig) => failToCreate(rig, 2)],
    ['a write has replaced it', (rig: DynamoDbRig) => put(rig, 2, 'shipped')],
  ])('does not miss an item any more when %s', async (_how, learn) => {
    const { rig, answer } = await openHalf();

    await learn(rig);

    expect(await query(rig, { ConsistentRead: true })).toEqual(['1 shipped', '2 shipped']);
    rig.clock.advance(100);
    await answer;
  });
});

const failToCreate = ({ client }: DynamoDbRig, n: number) =>
  client
    .send(
      new PutItemCommand({
        TableName,
        Item: keyOf(n),
        ConditionExpression: 'attribute_not_exists(n)',
      }),
    )
    .then(
      () => expect.unreachable(),
      () => undefined,
    );
