import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import { type CommittedChange, createDynamoDb, type DynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { type JsonObject, USER } from '../../../local/endpoint/service.ts';

let dynamoDb: DynamoDb;
let commits: (readonly CommittedChange[])[];

const call = (operation: string, input: JsonObject) => dynamoDb.service.handle(operation, input, USER);
const item = (id: string, count = '1') => ({ id: { S: id }, count: { N: count } });

beforeEach(async () => {
  dynamoDb = createDynamoDb({
    clock: createMovableClock(),
    region: 'eu-west-1',
    accountId: '123456789012',
    log: () => {},
  });
  for (const TableName of ['one', 'two']) {
    await call('CreateTable', {
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    });
  }
  commits = [];
});

afterEach(() => dynamoDb.close());

describe('onCommit', () => {
  it('reports a transaction as one commit and each single write separately', async () => {
    dynamoDb.onCommit((changes) => void commits.push(changes));

    await call('PutItem', { TableName: 'one', Item: item('a') });
    await call('TransactWriteItems', {
      TransactItems: [
        { Put: { TableName: 'one', Item: item('a', '2') } },
        { Put: { TableName: 'two', Item: item('b') } },
        {
          ConditionCheck: {
            TableName: 'one',
            Key: { id: { S: 'c' } },
            ConditionExpression: 'attribute_not_exists(id)',
          },
        },
      ],
    });
    await call('DeleteItem', { TableName: 'two', Key: { id: { S: 'b' } } });

    expect(commits).toEqual([
      [{ tableName: 'one', before: undefined, after: item('a') }],
      [
        { tableName: 'one', before: item('a'), after: item('a', '2') },
        { tableName: 'two', before: undefined, after: item('b') },
      ],
      [{ tableName: 'two', before: item('b'), after: undefined }],
    ]);
  });

  it('does not report a cancelled transaction', async () => {
    dynamoDb.onCommit((changes) => void commits.push(changes));

    const cancelled = call('TransactWriteItems', {
      TransactItems: [
        { Put: { TableName: 'one', Item: item('a') } },
        {
          Put: { TableName: 'two', Item: item('b'), ConditionExpression: 'attribute_exists(id)' },
        },
      ],
    });

    await expect(cancelled).rejects.toMatchObject({ code: 'TransactionCanceledException' });
    expect(commits).toEqual([]);
  });

  it('reports nothing after it is stopped', async () => {
    const stop = dynamoDb.onCommit((changes) => void commits.push(changes));

    stop();
    await call('PutItem', { TableName: 'one', Item: item('a') });

    expect(commits).toEqual([]);
  });
});
