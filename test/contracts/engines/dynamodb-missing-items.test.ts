import {
  type AttributeValue,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DynamoDbRig, ORDERS, openDynamoDbRig, readStream, streamedOrdersTable } from './dynamodb-rig.ts';

let rig: DynamoDbRig;
let streamArn: string;

beforeEach(async () => {
  rig = await openDynamoDbRig();
  streamArn = await rig.createTable(streamedOrdersTable);
});

const KEY = { TableName: ORDERS, Key: { id: { S: 'a' } } };
const itemOf = async () => (await rig.client.send(new GetItemCommand({ ...KEY, ConsistentRead: true }))).Item;

const ONE: Record<string, AttributeValue> = { ':one': { N: '1' } };
const SET: Record<string, AttributeValue> = { ':set': { SS: ['x'] } };

type Update = Omit<UpdateItemCommandInput, 'TableName' | 'Key'>;

const TAKING_AWAY: readonly (readonly [string, Update])[] = [
  ['REMOVE', { UpdateExpression: 'REMOVE a, b' }],
  ['REMOVE of what is within an attribute', { UpdateExpression: 'REMOVE a.b, l[0]' }],
  ['DELETE', { UpdateExpression: 'DELETE s :set', ExpressionAttributeValues: SET }],
  ['both', { UpdateExpression: 'DELETE s :set REMOVE a', ExpressionAttributeValues: SET }],
  [
    'the older DELETE',
    { AttributeUpdates: { a: { Action: 'DELETE' }, s: { Action: 'DELETE', Value: { SS: ['x'] } } } },
  ],
];

const PUTTING: readonly (readonly [string, Update, Record<string, AttributeValue>])[] = [
  ['nothing', {}, {}],
  ['no attributes', { AttributeUpdates: {} }, {}],
  ['SET', { UpdateExpression: 'SET n = :one', ExpressionAttributeValues: ONE }, { n: { N: '1' } }],
  ['ADD', { UpdateExpression: 'ADD n :one', ExpressionAttributeValues: ONE }, { n: { N: '1' } }],
  ['REMOVE and SET', { UpdateExpression: 'REMOVE a SET n = :one', ExpressionAttributeValues: ONE }, { n: { N: '1' } }],
  [
    'DELETE and ADD',
    { UpdateExpression: 'DELETE s :set ADD n :one', ExpressionAttributeValues: { ...ONE, ...SET } },
    { n: { N: '1' } },
  ],
];

describe('an update of an item that does not exist', () => {
  it.each(TAKING_AWAY)('creates no item and no stream record by %s', async (_, update) => {
    const answers = [];
    for (const ReturnValues of ['NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'] as const) {
      answers.push(await rig.client.send(new UpdateItemCommand({ ...KEY, ...update, ReturnValues })));
    }

    expect(answers.map(({ Attributes }) => Attributes)).toStrictEqual(Array.from({ length: 5 }, () => undefined));
    expect(await itemOf()).toBeUndefined();
    expect(await readStream(rig, streamArn)).toStrictEqual([]);
  });

  it.each(PUTTING)('creates the item by %s', async (_, update, attributes) => {
    await rig.client.send(new UpdateItemCommand({ ...KEY, ...update }));

    expect(await itemOf()).toStrictEqual({ id: { S: 'a' }, ...attributes });
    expect((await readStream(rig, streamArn)).map(({ eventName }) => eventName)).toStrictEqual(['INSERT']);
  });

  it('creates no item by REMOVE and DELETE in a transaction that creates another one', async () => {
    const other = { TableName: ORDERS, Key: { id: { S: 'b' } } };
    await rig.client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Update: {
              ...KEY,
              UpdateExpression: 'REMOVE a.b DELETE s :set',
              ExpressionAttributeValues: SET,
              ConditionExpression: 'attribute_not_exists(id)',
            },
          },
          { Update: { ...other, UpdateExpression: 'SET n = :one', ExpressionAttributeValues: ONE } },
        ],
      }),
    );

    expect(await itemOf()).toBeUndefined();
    expect((await readStream(rig, streamArn)).map(({ dynamodb }) => dynamodb?.Keys)).toStrictEqual([
      { id: { S: 'b' } },
    ]);
  });

  it('still refuses to remove a path within a missing attribute of an item that exists', async () => {
    await rig.client.send(new PutItemCommand({ TableName: ORDERS, Item: { id: { S: 'a' } } }));

    await expect(
      rig.client.send(new UpdateItemCommand({ ...KEY, UpdateExpression: 'REMOVE a.b' })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'The document path provided in the update expression is invalid for update',
    });
  });
});
