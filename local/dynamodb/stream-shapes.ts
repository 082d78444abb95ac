import type { RequestShape } from './request-rules.ts';
import { OPTIONAL_TABLE_NAME } from './table-shapes.ts';

const STREAM_ARN = { type: 'String', notNull: true, lengthGreaterThanOrEqual: 37, lengthLessThanOrEqual: 1024 };

const SHARD_ID = { type: 'String', lengthGreaterThanOrEqual: 28, lengthLessThanOrEqual: 65 };

/** What requests to DynamoDB Streams look like. */
export const STREAM_SHAPES = {
  ListStreams: {
    types: {
      TableName: OPTIONAL_TABLE_NAME,
      ExclusiveStartStreamArn: 'String',
      Limit: { type: 'Integer', greaterThanOrEqual: 1, lessThanOrEqual: 100 },
    },
  },
  DescribeStream: {
    types: {
      StreamArn: STREAM_ARN,
      ExclusiveStartShardId: SHARD_ID,
      Limit: { type: 'Integer', greaterThanOrEqual: 1, lessThanOrEqual: 100 },
      ShardFilter: {
        type: 'FieldStruct<ShardFilter>',
        children: {
          Type: { type: 'String', notNull: true, enum: ['CHILD_SHARDS'] },
          ShardId: { ...SHARD_ID, notNull: true },
        },
      },
    },
  },
  GetShardIterator: {
    types: {
      StreamArn: STREAM_ARN,
      ShardId: { ...SHARD_ID, notNull: true },
      ShardIteratorType: {
        type: 'String',
        notNull: true,
        enum: ['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'],
      },
      SequenceNumber: { type: 'String', lengthGreaterThanOrEqual: 21, lengthLessThanOrEqual: 40 },
    },
  },
  GetRecords: {
    types: {
      ShardIterator: { type: 'String', notNull: true, lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 2048 },
      Limit: { type: 'Integer', greaterThanOrEqual: 1, lessThanOrEqual: 1000 },
    },
  },
} as const satisfies Record<string, RequestShape>;
