import { deepEqual, equal, partialDeepStrictEqual } from 'node:assert/strict';
import type { Tries } from './tries.ts';

const TABLE = ['--table-name', 'Orders'];
const json = (value: unknown) => JSON.stringify(value);
const item = (id: string, version: number) => ({ id: { S: id }, version: { N: String(version) } });
const put = (id: string, version: number) => ({
  Put: { TableName: 'Orders', Item: item(id, version), ConditionExpression: 'attribute_not_exists(id)' },
});

export const dynamoDbTries: Tries = {
  'dynamodb create-table, wait, list-tables': async (cli) => {
    await cli.run(
      ...['dynamodb', 'create-table', ...TABLE, '--billing-mode', 'PAY_PER_REQUEST'],
      ...['--attribute-definitions', 'AttributeName=id,AttributeType=S', 'AttributeName=version,AttributeType=N'],
      ...['--key-schema', 'AttributeName=id,KeyType=HASH', 'AttributeName=version,KeyType=RANGE'],
      ...['--stream-specification', 'StreamEnabled=true,StreamViewType=NEW_IMAGE'],
    );
    await cli.run('dynamodb', 'wait', 'table-exists', ...TABLE);
    deepEqual(await cli.run('dynamodb', 'list-tables'), { TableNames: ['Orders'] });
  },
  'dynamodb put-item, get-item': async (cli) => {
    const placed = { ...item('o-1', 1), total: { N: '12.5' }, lines: { L: [{ S: 'Crème' }] } };
    await cli.run('dynamodb', 'put-item', ...TABLE, '--item', json(placed));
    deepEqual(await cli.run('dynamodb', 'get-item', ...TABLE, '--key', json(item('o-1', 1))), { Item: placed });
  },
  'dynamodb transact-write-items': async (cli) => {
    await cli.run('dynamodb', 'transact-write-items', '--transact-items', json([put('o-1', 2), put('o-1', 3)]));
    const cancelled = await cli.fails('dynamodb', 'transact-write-items', '--transact-items', json([put('o-1', 2)]));
    equal(cancelled, 'TransactionCanceledException');
  },
  'dynamodb query, page by page': async (cli) => {
    const found = await cli.run(
      ...['dynamodb', 'query', ...TABLE, '--page-size', '1', '--query', 'Items[].version.N'],
      ...['--key-condition-expression', 'id = :id', '--expression-attribute-values', json({ ':id': { S: 'o-1' } })],
    );
    deepEqual(found, ['1', '2', '3']);
  },
  'dynamodb scan': async (cli) => {
    partialDeepStrictEqual(await cli.run('dynamodb', 'scan', ...TABLE, '--select', 'COUNT'), { Count: 3 });
  },
  'dynamodbstreams list-streams, describe-stream, get-shard-iterator, get-records': async (cli) => {
    const arn = String(await cli.run('dynamodbstreams', 'list-streams', ...TABLE, '--query', 'Streams[0].StreamArn'));
    const stream = ['--stream-arn', arn];
    const shard = 'StreamDescription.Shards[0].ShardId';
    const shardId = String(await cli.run('dynamodbstreams', 'describe-stream', ...stream, '--query', shard));
    const iterator = await cli.run(
      ...['dynamodbstreams', 'get-shard-iterator', ...stream, '--shard-id', shardId],
      ...['--shard-iterator-type', 'TRIM_HORIZON', '--query', 'ShardIterator'],
    );
    const names = await cli.run(
      ...['dynamodbstreams', 'get-records', '--shard-iterator', String(iterator)],
      ...['--query', 'Records[].eventName'],
    );
    deepEqual(names, ['INSERT', 'INSERT', 'INSERT']);
  },
};
