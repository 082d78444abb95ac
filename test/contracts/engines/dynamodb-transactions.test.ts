import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type DynamoDbRig,
  ORDERS,
  openDynamoDbRig,
  ordersTable,
  PAYMENTS,
  readStream,
  streamedOrdersTable,
} from './dynamodb-rig.ts';

let rig: DynamoDbRig;
let streamArn: string;

beforeEach(async () => {
  rig = await openDynamoDbRig();
  streamArn = await rig.createTable(streamedOrdersTable);
});

type Item = Record<string, AttributeValue>;

const TableName = ORDERS;
const key = (id: string) => ({ id: { S: id } });

const put = (id: string, more: Item = {}): TransactWriteItem => ({ Put: { TableName, Item: { ...key(id), ...more } } });

const putNew = (id: string): TransactWriteItem => ({
  Put: {
    TableName,
    Item: key(id),
    ConditionExpression: 'attribute_not_exists(id)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  },
});

const add = (id: string, n: string): TransactWriteItem => ({
  Update: {
    TableName,
    Key: key(id),
    UpdateExpression: 'ADD n :n',
    ExpressionAttributeValues: { ':n': { N: n } },
  },
});

const transact = (TransactItems: TransactWriteItem[], more: Partial<TransactWriteItemsCommandInput> = {}) =>
  rig.client.send(new TransactWriteItemsCommand({ TransactItems, ...more }));

const seed = (id: string, more: Item = {}) =>
  rig.client.send(new PutItemCommand({ TableName, Item: { ...key(id), ...more } }));

const get = async (id: string) => (await rig.client.send(new GetItemCommand({ TableName, Key: key(id) }))).Item;

describe('TransactWriteItems', () => {
  it('commits puts, updates, deletes and checks together, over several tables', async () => {
    await rig.createTable({ ...ordersTable, TableName: PAYMENTS });
    await seed('updated', { n: { N: '1' } });
    await seed('deleted');
    await seed('checked');

    await transact([
      { Put: { TableName: PAYMENTS, Item: key('p') } },
      add('updated', '2'),
      { Delete: { TableName, Key: key('deleted') } },
      { ConditionCheck: { TableName, Key: key('checked'), ConditionExpression: 'attribute_exists(id)' } },
    ]);

    const payment = await rig.client.send(new GetItemCommand({ TableName: PAYMENTS, Key: key('p') }));
    expect(payment.Item).toEqual(key('p'));
    expect(await get('updated')).toEqual({ ...key('updated'), n: { N: '3' } });
    expect(await get('deleted')).toBeUndefined();
  });

  it('cancels everything with a reason for each action, in order, with the old item when asked', async () => {
    await seed('taken', { n: { N: '7' } });
    await seed('text', { n: { S: 'seven' } });

    const cancelled = transact([
      put('fresh'),
      putNew('taken'),
      { ConditionCheck: { TableName, Key: key('none'), ConditionExpression: 'attribute_exists(id)' } },
      add('text', '1'),
    ]);

    await expect(cancelled).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed, ValidationError]',
      CancellationReasons: [
        { Code: 'None' },
        {
          Code: 'ConditionalCheckFailed',
          Message: 'The conditional request failed',
          Item: { ...key('taken'), n: { N: '7' } },
        },
        { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
        { Code: 'ValidationError', Message: 'An operand in the update expression has an incorrect data type' },
      ],
    });
    expect(await get('fresh')).toBeUndefined();
  });

  it('cancels when a key or an item does not fit the table', async () => {
    const cancelled = transact([put('a'), { Delete: { TableName, Key: { other: { S: 'x' } } } }]);

    await expect(cancelled).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [
        { Code: 'None' },
        { Code: 'ValidationError', Message: 'The provided key element does not match the schema' },
      ],
    });
  });

  it('refuses two actions on one item', async () => {
    await expect(transact([put('a'), add('b', '1'), add('a', '1')])).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Transaction request cannot include multiple operations on one item',
    });
  });

  it('accepts 100 actions and refuses 101', async () => {
    const puts = Array.from({ length: 101 }, (_, n) => put(`o${n}`));

    await transact(puts.slice(0, 100));

    expect(await get('o99')).toEqual(key('o99'));
    await expect(transact(puts)).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value '[101 actions]' at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100",
    });
    await expect(transact([])).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('accepts 4 MB and refuses more', async () => {
    const big = (id: string, bytes: number) => put(id, { body: { S: 'x'.repeat(bytes) } });
    // 'id' + 'b0' + 'body' are 8 bytes of each item
    const ten = Array.from({ length: 10 }, (_, n) => big(`b${n}`, 400 * 1024 - 8));

    await transact([...ten, big('c0', 96 * 1024 - 8)]);

    await expect(transact([...ten, big('c0', 96 * 1024 - 7)])).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        'The aggregate size of the items in the transaction exceeds 4 MB: it is 4194305 bytes, allowed are 4194304',
    });
  });

  it('refuses an item over 400 KB', async () => {
    await expect(transact([put('a', { body: { S: 'x'.repeat(400 * 1024) } })])).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Item size has exceeded the maximum allowed size',
    });
  });

  it('refuses a table that does not exist, and an invalid action', async () => {
    await expect(transact([{ Put: { TableName: 'Nowhere', Item: key('a') } }])).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(transact([{ ...put('a'), Delete: { TableName, Key: key('b') } }])).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'TransactItems can only contain one of Check, Put, Update or Delete',
    });
  });

  it('refuses an expression that does not parse, naming it', async () => {
    await expect(
      transact([{ Put: { TableName, Item: key('a'), ConditionExpression: 'attribute_exists(' } }]),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(/^Invalid ConditionExpression: Syntax error/),
    });
  });

  it('loses no update when many compete for one counter', async () => {
    await seed('counter', { n: { N: '0' } });
    const increment = async (): Promise<number> => {
      const n = (await get('counter'))?.['n']?.N ?? '0';
      try {
        await transact([
          {
            Update: {
              TableName,
              Key: key('counter'),
              UpdateExpression: 'SET n = n + :one',
              ConditionExpression: 'n = :seen',
              ExpressionAttributeValues: { ':one': { N: '1' }, ':seen': { N: n } },
            },
          },
          putNew(`done-${n}`),
        ]);
        return 1;
      } catch (error) {
        expect(error).toMatchObject({ name: 'TransactionCanceledException' });
        return 1 + (await increment());
      }
    };

    const attempts = await Promise.all(Array.from({ length: 20 }, increment));

    expect(await get('counter')).toEqual({ ...key('counter'), n: { N: '20' } });
    expect(attempts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(20);
  });

  it('counts twice the capacity', async () => {
    const { ConsumedCapacity } = await transact([put('a', { body: { S: 'x'.repeat(1500) } }), put('b')], {
      ReturnConsumedCapacity: 'TOTAL',
    });

    expect(ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 6, WriteCapacityUnits: 6 }]);
  });
});

describe('ClientRequestToken', () => {
  let token: { readonly ClientRequestToken: string };

  beforeEach(() => {
    token = { ClientRequestToken: randomUUID() };
  });

  it('makes a repeat succeed without effect', async () => {
    await transact([add('a', '1')], token);

    const repeat = await transact([add('a', '1')], { ...token, ReturnConsumedCapacity: 'TOTAL' });

    expect(await get('a')).toEqual({ ...key('a'), n: { N: '1' } });
    expect(repeat.ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 2, ReadCapacityUnits: 2 }]);
  });

  it('refuses other parameters', async () => {
    await transact([add('a', '1')], token);

    await expect(transact([add('a', '2')], token)).rejects.toMatchObject({
      name: 'IdempotentParameterMismatchException',
    });
  });

  it('does not hold for a transaction that was cancelled', async () => {
    await seed('a');
    await expect(transact([putNew('a')], token)).rejects.toMatchObject({ name: 'TransactionCanceledException' });

    await transact([putNew('b')], token);

    expect(await get('b')).toEqual(key('b'));
  });

  it('is forgotten after ten minutes', async () => {
    await transact([add('a', '1')], token);

    rig.clock.advance(10 * 60 * 1000);
    await transact([add('a', '1')], token);

    expect(await get('a')).toEqual({ ...key('a'), n: { N: '2' } });
  });
});

describe('the stream of a transaction', () => {
  it('gets a record per changed item and none for a check', async () => {
    await transact([
      put('a'),
      { ConditionCheck: { TableName, Key: key('none'), ConditionExpression: 'attribute_not_exists(id)' } },
      put('b'),
    ]);

    const records = await readStream(rig, streamArn);
    expect(records.map((record) => [record.eventName, record.dynamodb?.Keys])).toEqual([
      ['INSERT', key('a')],
      ['INSERT', key('b')],
    ]);
  });

  it('gets nothing of a cancelled one, nor of a repeat', async () => {
    const twice = { ClientRequestToken: 'twice' };
    await transact([putNew('a')], twice);
    await transact([putNew('a')], twice);
    await expect(transact([put('b'), putNew('a')])).rejects.toMatchObject({ name: 'TransactionCanceledException' });

    expect(await readStream(rig, streamArn)).toHaveLength(1);
  });
});

describe('TransactGetItems', () => {
  const read = (id: string) => ({ Get: { TableName, Key: key(id) } });
  const transactGet = (...TransactItems: ReturnType<typeof read>[]) =>
    rig.client.send(new TransactGetItemsCommand({ TransactItems, ReturnConsumedCapacity: 'TOTAL' }));

  it('returns the items in their order, and nothing in place of one that is not there', async () => {
    await seed('a', { n: { N: '1' } });
    await seed('b', { n: { N: '2' } });

    const output = await rig.client.send(
      new TransactGetItemsCommand({
        TransactItems: [read('b'), read('none'), { Get: { TableName, Key: key('a'), ProjectionExpression: 'n' } }],
      }),
    );

    expect(output.Responses).toEqual([{ Item: { ...key('b'), n: { N: '2' } } }, {}, { Item: { n: { N: '1' } } }]);
  });

  it('counts twice the capacity', async () => {
    await seed('a');

    const output = await transactGet(read('a'));

    expect(output.ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 2, ReadCapacityUnits: 2 }]);
  });

  it('refuses one item twice, and 101 items', async () => {
    await expect(transactGet(read('a'), read('a'))).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Transaction request cannot include multiple operations on one item',
    });
    await expect(transactGet(...Array.from({ length: 101 }, (_, n) => read(`o${n}`)))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});
