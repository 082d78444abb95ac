import { type TransactWriteItem, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DynamoDbRig, ORDERS, openDynamoDbRig, ordersTable } from './dynamodb-rig.ts';

let rig: DynamoDbRig;

beforeEach(async () => {
  rig = await openDynamoDbRig();
  await rig.createTable(ordersTable);
});

const put = (id: TransactWriteItem['Put']): TransactWriteItem => ({ Put: id });
const WRONG_KEY = (N: string) => put({ TableName: ORDERS, Item: { id: { N } } });
const FAILING = (S: string) =>
  put({ TableName: ORDERS, Item: { id: { S } }, ConditionExpression: 'attribute_exists(id)' });
const PUT = (S: string) => put({ TableName: ORDERS, Item: { id: { S } } });

const reasonsOf = (TransactItems: TransactWriteItem[]): Promise<unknown> =>
  rig.client.send(new TransactWriteItemsCommand({ TransactItems })).then(
    () => 'done',
    (error: { readonly CancellationReasons?: readonly { readonly Code?: string }[] }) =>
      error.CancellationReasons?.map(({ Code }) => Code),
  );

describe('the reasons of a cancelled transaction', () => {
  it.each([
    [
      'the first invalid action only',
      [WRONG_KEY('1'), WRONG_KEY('2'), FAILING('a')],
      ['ValidationError', 'None', 'None'],
    ],
    ['an invalid action, not a condition before it', [FAILING('a'), WRONG_KEY('1')], ['None', 'ValidationError']],
    [
      'every condition that does not hold',
      [FAILING('a'), PUT('b'), FAILING('c')],
      ['ConditionalCheckFailed', 'None', 'ConditionalCheckFailed'],
    ],
  ])('name %s', async (_, actions, codes) => {
    expect(await reasonsOf(actions)).toStrictEqual(codes);
  });
});
