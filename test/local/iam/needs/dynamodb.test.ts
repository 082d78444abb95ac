import { describe, expect, it } from 'vitest';
import { dynamoDbNeeds } from '../../../../local/iam/needs/dynamodb.ts';
import { streamNeeds } from '../../../../local/iam/needs/dynamodb-streams.ts';
import type { Need } from '../../../../local/iam/needs/need.ts';

const PLACE = { region: 'eu-west-1', accountId: '123456789012' };
const ARN = 'arn:aws:dynamodb:eu-west-1:123456789012:table';

const partitionKeyOf = (tableName: string, indexName?: string): string | undefined => {
  if (tableName === 'Missing') return undefined;
  return indexName === undefined ? 'pk' : 'status';
};

/** Action, resource after the table's common part, and the leading keys. */
const summarize = ({ action, resource, keys }: Need) => [
  action.replace('dynamodb:', ''),
  resource.replace(`${ARN}/`, ''),
  keys?.['dynamodb:leadingkeys']?.(),
];

const needsOf = (operation: string, input: object) =>
  dynamoDbNeeds(operation, { ...input }, PLACE, partitionKeyOf).map(summarize);

const key = (pk: string) => ({ pk: { S: pk }, sk: { N: '1' } });

describe('a DynamoDB request', () => {
  it.each([
    ['GetItem', { TableName: 'Orders', Key: key('a') }, ['GetItem', 'Orders', ['a']]],
    ['PutItem', { TableName: 'Orders', Item: { ...key('a'), x: { S: 'b' } } }, ['PutItem', 'Orders', ['a']]],
    ['UpdateItem', { TableName: 'Orders', Key: { pk: { N: '7' } } }, ['UpdateItem', 'Orders', ['7']]],
    ['DeleteItem', { TableName: `${ARN}/Orders`, Key: { pk: { B: 'YQ==' } } }, ['DeleteItem', 'Orders', ['YQ==']]],
    ['PutItem', { TableName: 'Orders', Item: { x: { S: 'no key' } } }, ['PutItem', 'Orders', ['']]],
    ['GetItem', { TableName: 'Missing', Key: key('a') }, ['GetItem', 'Missing', undefined]],
    ['Scan', { TableName: 'Orders' }, ['Scan', 'Orders', undefined]],
    ['Scan', { TableName: 'Orders', IndexName: 'byStatus' }, ['Scan', 'Orders/index/byStatus', undefined]],
    ['DescribeTable', { TableName: 'Orders' }, ['DescribeTable', 'Orders', undefined]],
    ['ListTables', {}, ['ListTables', '*', undefined]],
    ['TagResource', { ResourceArn: `${ARN}/Orders` }, ['TagResource', 'Orders', undefined]],
  ])('%s of %o needs its action on its table', (operation, input, expected) => {
    expect(needsOf(operation, input)).toStrictEqual([expected]);
  });

  it.each([
    [{ KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: 'a' } } }],
    [{ KeyConditionExpression: '(sk > :sk) AND (pk=:pk)', ExpressionAttributeValues: { ':pk': { S: 'a' } } }],
    [
      {
        KeyConditionExpression: '#sk = :sk and #pk = :pk',
        ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk' },
        ExpressionAttributeValues: { ':pk': { S: 'a' }, ':sk': { N: '1' } },
      },
    ],
    [{ KeyConditions: { pk: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'a' }] } } }],
  ])('gives the partition key of a Query: %o', (condition) => {
    expect(needsOf('Query', { TableName: 'Orders', ...condition })).toStrictEqual([['Query', 'Orders', ['a']]]);
  });

  it('on an index needs the action on the index, with its partition key', () => {
    const input = {
      TableName: 'Orders',
      IndexName: 'byStatus',
      KeyConditionExpression: '#status = :status',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':status': { S: 'paid' } },
    };

    expect(needsOf('Query', input)).toStrictEqual([['Query', 'Orders/index/byStatus', ['paid']]]);
  });

  it('has a partition key that no grant names if its key cannot be read', () => {
    expect(needsOf('Query', { TableName: 'Orders', KeyConditionExpression: ':pk = pk' })).toStrictEqual([
      ['Query', 'Orders', ['']],
    ]);
  });

  it('needs the action of each part of a transaction, once per action and table', () => {
    const TransactItems = [
      { Put: { TableName: 'Outbox', Item: key('a') } },
      { Put: { TableName: 'Outbox', Item: key('b') } },
      { Put: { TableName: 'Pending', Item: key('a') } },
      { Update: { TableName: 'Outbox', Key: key('a') } },
      { Delete: { TableName: 'Inbox', Key: key('c') } },
      { ConditionCheck: { TableName: 'Orders', Key: key('d') } },
    ];

    expect(needsOf('TransactWriteItems', { TransactItems })).toStrictEqual([
      ['PutItem', 'Outbox', ['a', 'b']],
      ['PutItem', 'Pending', ['a']],
      ['UpdateItem', 'Outbox', ['a']],
      ['DeleteItem', 'Inbox', ['c']],
      ['ConditionCheckItem', 'Orders', ['d']],
    ]);
    expect(
      needsOf('TransactGetItems', { TransactItems: [{ Get: { TableName: 'Orders', Key: key('a') } }] }),
    ).toStrictEqual([['GetItem', 'Orders', ['a']]]);
  });

  it('needs the batch action on each table of a batch', () => {
    const writes = [{ PutRequest: { Item: key('a') } }, { DeleteRequest: { Key: key('b') } }];

    expect(
      needsOf('BatchWriteItem', { RequestItems: { Orders: writes, Pending: [{ DeleteRequest: { Key: key('c') } }] } }),
    ).toStrictEqual([
      ['BatchWriteItem', 'Orders', ['a', 'b']],
      ['BatchWriteItem', 'Pending', ['c']],
    ]);
    expect(needsOf('BatchGetItem', { RequestItems: { Orders: { Keys: [key('a'), key('b')] } } })).toStrictEqual([
      ['BatchGetItem', 'Orders', ['a', 'b']],
    ]);
  });

  it('is left for the engine to refuse if it has no table', () => {
    expect(needsOf('GetItem', { Key: key('a') })).toStrictEqual([]);
    expect(needsOf('TransactWriteItems', {})).toStrictEqual([]);
  });

  it('states which values it wants returned', () => {
    const [need] = dynamoDbNeeds(
      'UpdateItem',
      { TableName: 'Orders', Key: key('a'), ReturnValues: 'ALL_NEW' },
      PLACE,
      partitionKeyOf,
    );

    expect(need?.keys?.['dynamodb:returnvalues']?.()).toStrictEqual(['ALL_NEW']);
    expect(need?.keys?.['dynamodb:select']?.()).toBeUndefined();
  });
});

describe('a request to DynamoDB Streams', () => {
  const STREAM = `${ARN}/Orders/stream/2026-11-20T06:00:00.000`;

  it.each([
    ['DescribeStream', { StreamArn: STREAM }, STREAM],
    ['GetShardIterator', { StreamArn: STREAM, ShardId: 's' }, STREAM],
    ['GetRecords', { ShardIterator: `${STREAM}|1|abc` }, STREAM],
    ['ListStreams', { TableName: 'Orders' }, '*'],
  ])('%s needs its action on the stream', (operation, input, resource) => {
    expect(streamNeeds(operation, { ...input })).toStrictEqual([{ action: `dynamodb:${operation}`, resource }]);
  });
});
