import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DynamoDbRig, nameOf, ORDERS, openDynamoDbRig, ordersTable, PAYMENTS } from './dynamodb-rig.ts';

const INDEXED = nameOf('Indexed');

let rig: DynamoDbRig;

beforeEach(async () => {
  rig = await openDynamoDbRig();
  await rig.createTable(ordersTable);
});

const ORDER = { id: { S: '1042' }, amount: { N: '10' }, tags: { SS: ['a', 'b'] }, parts: { L: [{ S: 'x' }] } };

const put = (Item = ORDER) => rig.client.send(new PutItemCommand({ TableName: ORDERS, Item }));

const get = async () =>
  (await rig.client.send(new GetItemCommand({ TableName: ORDERS, Key: { id: { S: '1042' } } }))).Item;

const update = (more: Partial<UpdateItemCommandInput>) =>
  rig.client.send(new UpdateItemCommand({ TableName: ORDERS, Key: { id: { S: '1042' } }, ...more }));

describe('PutItem', () => {
  it('keeps every type of value', async () => {
    const item = {
      id: { S: '1042' },
      n: { N: '-12.5' },
      b: { B: new Uint8Array([1, 2, 3]) },
      yes: { BOOL: true },
      nothing: { NULL: true },
      empty: { S: '' },
      ss: { SS: ['a', 'b'] },
      ns: { NS: ['1', '2'] },
      bs: { BS: [new Uint8Array([1])] },
      list: { L: [{ S: 'a' }, { M: { deep: { N: '1' } } }] },
    };

    await rig.client.send(new PutItemCommand({ TableName: ORDERS, Item: item }));

    expect(await get()).toEqual(item);
  });

  it('returns the old item when asked', async () => {
    await put();

    const { Attributes } = await rig.client.send(
      new PutItemCommand({ TableName: ORDERS, Item: { id: { S: '1042' } }, ReturnValues: 'ALL_OLD' }),
    );

    expect(Attributes).toEqual(ORDER);
  });

  it('refuses a failed condition with the old item when asked', async () => {
    await put();
    const conditional = {
      TableName: ORDERS,
      Item: { id: { S: '1042' } },
      ConditionExpression: 'attribute_not_exists(id)',
    };

    const plain = rig.client.send(new PutItemCommand(conditional));
    const detailed = rig.client.send(
      new PutItemCommand({ ...conditional, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    );

    await expect(plain).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      Item: undefined,
    });
    await expect(detailed).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: ORDER });
    expect(await get()).toEqual(ORDER);
  });

  it('accepts 400 KB and refuses one byte more, counted in UTF-8', async () => {
    // 'id' + '1042' + 'body' are 10 bytes; 'ä' has two
    const body = 'ä'.repeat((400 * 1024 - 10) / 2);

    await rig.client.send(new PutItemCommand({ TableName: ORDERS, Item: { id: { S: '1042' }, body: { S: body } } }));

    await expect(
      rig.client.send(new PutItemCommand({ TableName: ORDERS, Item: { id: { S: '1042' }, body: { S: `${body}x` } } })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Item size has exceeded the maximum allowed size',
    });
  });

  it('refuses an item without its key, and an empty key', async () => {
    const put = (Item: Record<string, { S: string }>) =>
      rig.client.send(new PutItemCommand({ TableName: ORDERS, Item }));

    await expect(put({ amount: { S: '1' } })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'One or more parameter values were invalid: Missing the key id in the item',
    });
    await expect(put({ id: { S: '' } })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('cannot contain an empty string value. Key: id'),
    });
  });

  it('refuses a table that does not exist', async () => {
    await expect(
      rig.client.send(new PutItemCommand({ TableName: 'Nowhere', Item: { id: { S: '1' } } })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException', message: 'Requested resource not found' });
  });
});

describe('UpdateItem', () => {
  const change = {
    UpdateExpression: 'SET note = :n, parts[5] = :n ADD amount :two, tags :c REMOVE gone DELETE tags2 :c',
    ExpressionAttributeValues: { ':n': { S: 'new' }, ':two': { N: '2.5' }, ':c': { SS: ['c'] } },
  };
  const after = {
    id: { S: '1042' },
    amount: { N: '12.5' },
    tags: { SS: ['a', 'b', 'c'] },
    parts: { L: [{ S: 'x' }, { S: 'new' }] },
    note: { S: 'new' },
  };

  it.each([
    ['NONE', undefined],
    ['ALL_OLD', { ...ORDER, gone: { S: 'x' } }],
    ['ALL_NEW', after],
    ['UPDATED_OLD', { amount: { N: '10' }, tags: { SS: ['a', 'b'] }, gone: { S: 'x' } }],
    ['UPDATED_NEW', { amount: { N: '12.5' }, tags: { SS: ['a', 'b', 'c'] }, note: { S: 'new' } }],
  ] as const)('returns the values that %s requests', async (ReturnValues, expected) => {
    await rig.client.send(new PutItemCommand({ TableName: ORDERS, Item: { ...ORDER, gone: { S: 'x' } } }));

    const { Attributes } = await update({ ...change, ReturnValues });

    expect(await get()).toEqual(after);
    if (expected === undefined) expect(Attributes).toBeUndefined();
    else expect(Attributes).toMatchObject(expected);
  });

  it('creates an item that does not exist', async () => {
    await update({ UpdateExpression: 'ADD visits :one', ExpressionAttributeValues: { ':one': { N: '1' } } });

    expect(await get()).toEqual({ id: { S: '1042' }, visits: { N: '1' } });
  });

  it('reads the item as it was before the update', async () => {
    await put();

    await update({
      UpdateExpression: 'SET previous = amount ADD amount :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    });

    expect(await get()).toMatchObject({ previous: { N: '10' }, amount: { N: '11' } });
  });

  it('removes list members by their places before the update', async () => {
    await update({
      UpdateExpression: 'SET l = :l',
      ExpressionAttributeValues: { ':l': { L: [{ S: 'a' }, { S: 'b' }, { S: 'c' }] } },
    });

    await update({ UpdateExpression: 'REMOVE l[0], l[1]' });

    expect(await get()).toEqual({ id: { S: '1042' }, l: { L: [{ S: 'c' }] } });
  });

  it('refuses a failed condition with the old item when asked', async () => {
    await put();

    const refused = update({
      ...change,
      ConditionExpression: 'amount > :limit',
      ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ':limit': { N: '10' } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });

    await expect(refused).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: ORDER });
  });

  it('refuses to change a key', async () => {
    await expect(
      update({ UpdateExpression: 'SET id = :x', ExpressionAttributeValues: { ':x': { S: '2' } } }),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        'One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key',
    });
  });

  it('refuses an update that does not fit the item', async () => {
    await put();
    const one = { ':one': { N: '1' } };

    await expect(update({ UpdateExpression: 'ADD tags :one', ExpressionAttributeValues: one })).rejects.toMatchObject({
      message: 'An operand in the update expression has an incorrect data type',
    });
    await expect(
      update({ UpdateExpression: 'SET a = b + :one', ExpressionAttributeValues: one }),
    ).rejects.toMatchObject({
      message: 'The provided expression refers to an attribute that does not exist in the item',
    });
    await expect(update({ UpdateExpression: 'SET a.b = :one', ExpressionAttributeValues: one })).rejects.toMatchObject({
      message: 'The document path provided in the update expression is invalid for update',
    });
  });

  it('refuses to grow an item over 400 KB', async () => {
    const half = { ':half': { S: 'x'.repeat(210 * 1024) } };
    await update({ UpdateExpression: 'SET a = :half', ExpressionAttributeValues: half });

    await expect(update({ UpdateExpression: 'SET b = :half', ExpressionAttributeValues: half })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Item size to update has exceeded the maximum allowed size',
    });
  });

  it('accepts the older AttributeUpdates', async () => {
    await put();

    await update({
      AttributeUpdates: {
        amount: { Action: 'ADD', Value: { N: '5' } },
        tags: { Action: 'DELETE', Value: { SS: ['a'] } },
        parts: { Action: 'DELETE' },
        note: { Value: { S: 'hi' } },
      },
    });

    expect(await get()).toEqual({ id: { S: '1042' }, amount: { N: '15' }, tags: { SS: ['b'] }, note: { S: 'hi' } });
  });
});

describe('DeleteItem', () => {
  it('returns the old item when asked, and succeeds when there is none', async () => {
    await put();
    const remove = new DeleteItemCommand({
      TableName: ORDERS,
      Key: { id: { S: '1042' } },
      ReturnValues: 'ALL_OLD',
    });

    const first = await rig.client.send(remove);
    const second = await rig.client.send(remove);

    expect(first.Attributes).toEqual(ORDER);
    expect(second.Attributes).toBeUndefined();
  });

  it('refuses a failed condition with the old item when asked', async () => {
    await put();

    await expect(
      rig.client.send(
        new DeleteItemCommand({
          TableName: ORDERS,
          Key: { id: { S: '1042' } },
          ConditionExpression: 'contains(tags, :t)',
          ExpressionAttributeValues: { ':t': { S: 'z' } },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    ).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: ORDER });
  });
});

describe('GetItem', () => {
  it('returns the attributes of the projection', async () => {
    await put();

    const { Item } = await rig.client.send(
      new GetItemCommand({
        TableName: ORDERS,
        Key: { id: { S: '1042' } },
        ProjectionExpression: '#t, parts[0]',
        ExpressionAttributeNames: { '#t': 'amount' },
      }),
    );

    expect(Item).toEqual({ amount: { N: '10' }, parts: { L: [{ S: 'x' }] } });
  });
});

describe('BatchWriteItem', () => {
  const puts = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ PutRequest: { Item: { id: { S: `o${index}` } } } }));

  it('writes 25 items and refuses 26', async () => {
    const written = await rig.client.send(new BatchWriteItemCommand({ RequestItems: { [ORDERS]: puts(25) } }));

    const refused = rig.client.send(new BatchWriteItemCommand({ RequestItems: { [ORDERS]: puts(26) } }));

    expect(written.UnprocessedItems).toEqual({});
    await expect(refused).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('Member must have length less than or equal to 25'),
    });
  });

  it('counts the writes of all tables together', async () => {
    await rig.createTable({ ...ordersTable, TableName: PAYMENTS });

    const refused = rig.client.send(
      new BatchWriteItemCommand({ RequestItems: { [ORDERS]: puts(13), Payments: puts(13) } }),
    );

    await expect(refused).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Too many items requested for the BatchWriteItem call',
    });
  });

  it('deletes and puts, and refuses two writes of one item', async () => {
    await put();
    const remove = { DeleteRequest: { Key: { id: { S: '1042' } } } };

    await rig.client.send(new BatchWriteItemCommand({ RequestItems: { [ORDERS]: [remove, ...puts(1)] } }));

    expect(await get()).toBeUndefined();
    await expect(
      rig.client.send(new BatchWriteItemCommand({ RequestItems: { [ORDERS]: [...puts(1), ...puts(1)] } })),
    ).rejects.toMatchObject({ message: 'Provided list of item keys contains duplicates' });
  });
});

describe('BatchGetItem', () => {
  it('returns the items that exist', async () => {
    await put();

    const { Responses, UnprocessedKeys } = await rig.client.send(
      new BatchGetItemCommand({
        RequestItems: {
          [ORDERS]: { Keys: [{ id: { S: '1042' } }, { id: { S: 'none' } }], ProjectionExpression: 'id' },
        },
      }),
    );

    expect(Responses).toEqual({ [ORDERS]: [{ id: { S: '1042' } }] });
    expect(UnprocessedKeys).toEqual({});
  });

  it('leaves keys beyond 16 MB unprocessed', async () => {
    const keys = Array.from({ length: 42 }, (_, index) => ({ id: { S: `big${index}` } }));
    for (const key of keys) await put({ ...ORDER, ...key, parts: { L: [{ S: 'x'.repeat(399 * 1024) }] } });

    const { Responses, UnprocessedKeys } = await rig.client.send(
      new BatchGetItemCommand({ RequestItems: { [ORDERS]: { Keys: keys } } }),
    );

    expect(Responses?.[ORDERS]).toHaveLength(41);
    expect(UnprocessedKeys?.[ORDERS]?.Keys).toEqual([{ id: { S: 'big41' } }]);
  });
});

describe('consumed capacity', () => {
  it('counts what a write does to the indexes', async () => {
    await rig.createTable({
      TableName: INDEXED,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'kind', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-kind',
          KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    });
    const write = async (more: Record<string, AttributeValue>) => {
      const output = await rig.client.send(
        new PutItemCommand({
          TableName: INDEXED,
          Item: { id: { S: '1' }, ...more },
          ReturnConsumedCapacity: 'INDEXES',
        }),
      );
      return output.ConsumedCapacity;
    };

    const added = await write({ kind: { S: 'a' } });
    const untouched = await write({ kind: { S: 'a' }, note: { S: 'x' } });
    const moved = await write({ kind: { S: 'b' } });

    const one = { CapacityUnits: 1 };
    const base = { TableName: INDEXED, Table: one };
    expect(added).toEqual({ ...base, CapacityUnits: 2, GlobalSecondaryIndexes: { 'by-kind': one } });
    expect(untouched).toEqual({ ...base, CapacityUnits: 1 });
    expect(moved).toEqual({ ...base, CapacityUnits: 3, GlobalSecondaryIndexes: { 'by-kind': { CapacityUnits: 2 } } });
  });

  it('is counted in whole units of the larger image', async () => {
    const big = { id: { S: '1042' }, body: { S: 'x'.repeat(3000) } };

    const written = await rig.client.send(
      new PutItemCommand({ TableName: ORDERS, Item: big, ReturnConsumedCapacity: 'TOTAL' }),
    );
    const read = await rig.client.send(
      new GetItemCommand({ TableName: ORDERS, Key: { id: { S: '1042' } }, ReturnConsumedCapacity: 'INDEXES' }),
    );

    expect(written.ConsumedCapacity).toEqual({ TableName: ORDERS, CapacityUnits: 3 });
    expect(read.ConsumedCapacity).toEqual({
      TableName: ORDERS,
      CapacityUnits: 0.5,
      Table: { CapacityUnits: 0.5 },
    });
  });
});
