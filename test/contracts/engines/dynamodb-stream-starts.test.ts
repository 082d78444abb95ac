import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DynamoDbRig, ORDERS, onlyShard, openDynamoDbRig, streamedOrdersTable } from './dynamodb-rig.ts';

let rig: DynamoDbRig;
let StreamArn: string;

beforeEach(async () => {
  rig = await openDynamoDbRig();
  StreamArn = await rig.createTable(streamedOrdersTable);
});

const outcomeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: Error) => error.name,
  );

describe('a stream', () => {
  it.each(['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] as const)(
    'is read %s of the number with which its shard starts, before it has a record',
    async (ShardIteratorType) => {
      const { StreamDescription } = await rig.streams.send(new DescribeStreamCommand({ StreamArn }));
      const SequenceNumber = StreamDescription?.Shards?.[0]?.SequenceNumberRange?.StartingSequenceNumber;
      const ShardId = await onlyShard(rig, StreamArn);
      const { ShardIterator } = await rig.streams.send(
        new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType, SequenceNumber }),
      );
      await rig.client.send(new PutItemCommand({ TableName: ORDERS, Item: { id: { S: 'a' } } }));
      const { Records } = await rig.streams.send(new GetRecordsCommand({ ShardIterator }));

      expect(Records?.map(({ dynamodb }) => dynamodb?.Keys)).toStrictEqual([{ id: { S: 'a' } }]);
    },
  );

  it('lists no shards after one that it does not have', async () => {
    const { StreamDescription } = await rig.streams.send(
      new DescribeStreamCommand({ StreamArn, ExclusiveStartShardId: 'shardId-00000000000000000000-00000000' }),
    );

    expect(StreamDescription?.Shards).toStrictEqual([]);
  });

  it('lists the children of a closed shard, and none of an open one', async () => {
    const ShardId = await onlyShard(rig, StreamArn);
    const { StreamDescription } = await rig.streams.send(
      new DescribeStreamCommand({ StreamArn, ShardFilter: { Type: 'CHILD_SHARDS', ShardId } }),
    );

    expect(StreamDescription?.Shards).toStrictEqual([]);
    expect(StreamDescription?.StreamStatus).toBe('ENABLED');
  });

  it.each([
    [{ Type: 'PARENT_SHARDS', ShardId: 'shardId-00000000000000000000-00000000' }],
    [{ Type: 'CHILD_SHARDS', ShardId: 'qwerty' }],
    [{ Type: 'CHILD_SHARDS' }],
    [{ ShardId: 'shardId-00000000000000000000-00000000' }],
  ])('refuses the filter %j', async (filter) => {
    const ShardFilter = filter as { readonly Type: 'CHILD_SHARDS' };

    expect(await outcomeOf(rig.streams.send(new DescribeStreamCommand({ StreamArn, ShardFilter })))).toBe(
      'ValidationException',
    );
  });

  it('is not listed after an ARN that is not of a stream', async () => {
    const ExclusiveStartStreamArn = 'x'.repeat(40);

    expect(await outcomeOf(rig.streams.send(new ListStreamsCommand({ ExclusiveStartStreamArn })))).toBe(
      'ValidationException',
    );
  });
});
