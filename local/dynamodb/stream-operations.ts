import { AwsError } from '../endpoint/aws-error.ts';
import { type ChangeStream, toPosition, toSequenceNumber } from './change-stream.ts';
import type { Database } from './database.ts';
import { parseRequest } from './dynalite.ts';
import type { Operations } from './operation.ts';
import { readShardIterator, writeShardIterator } from './shard-iterator.ts';
import { STREAM_SHAPES } from './stream-shapes.ts';
import type { StreamShard } from './stream-shard.ts';

interface ListStreamsRequest {
  readonly TableName?: string;
  readonly ExclusiveStartStreamArn?: string;
  readonly Limit?: number;
}

interface DescribeStreamRequest {
  readonly StreamArn: string;
  readonly ExclusiveStartShardId?: string;
  readonly Limit?: number;
  /** Only the shards that go on where this one ended. */
  readonly ShardFilter?: { readonly Type: 'CHILD_SHARDS'; readonly ShardId: string };
}

interface GetShardIteratorRequest {
  readonly StreamArn: string;
  readonly ShardId: string;
  readonly ShardIteratorType: 'TRIM_HORIZON' | 'LATEST' | 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER';
  readonly SequenceNumber?: string;
}

interface GetRecordsRequest {
  readonly ShardIterator: string;
  readonly Limit?: number;
}

const MAX_LISTED = 100;
const STREAM_ARN = /^arn:[^:]+:dynamodb:[^:]+:\d{12}:table\/[^/]+\/stream\/.+$/;
const MAX_RECORDS = 1000;

/** ListStreams, DescribeStream, GetShardIterator, GetRecords; of the shards in which a stream holds its records. */
export function createStreamOperations(database: Database): Operations {
  return {
    ListStreams(input) {
      const request = parseRequest<ListStreamsRequest>(STREAM_SHAPES.ListStreams, input);
      const { TableName, ExclusiveStartStreamArn: after = '', Limit = MAX_LISTED } = request;
      if (after !== '' && !STREAM_ARN.test(after)) {
        throw new AwsError(
          'ValidationException',
          `Invalid StreamArn: ExclusiveStartStreamArn is '${after}', expected the ARN of a stream, as LastEvaluatedStreamArn gives it`,
        );
      }
      const streams = database
        .streams()
        .map((stream) => stream.options)
        .filter((stream) => (TableName === undefined || stream.tableName === TableName) && stream.arn > after)
        .sort((a, b) => (a.arn < b.arn ? -1 : 1));
      const listed = streams.slice(0, Limit);
      return {
        Streams: listed.map(({ arn, tableName, label }) => ({
          StreamArn: arn,
          TableName: tableName,
          StreamLabel: label,
        })),
        ...(streams.length > Limit ? { LastEvaluatedStreamArn: listed.at(-1)?.arn } : {}),
      };
    },
    DescribeStream(input) {
      const request = parseRequest<DescribeStreamRequest>(STREAM_SHAPES.DescribeStream, input);
      const stream = findStream(database, request.StreamArn);
      const { arn, label, tableName, keySchema, viewType } = stream.options;
      const { ExclusiveStartShardId: after, Limit = MAX_LISTED, ShardFilter } = request;
      const all = stream.shards();
      const shards =
        ShardFilter === undefined ? all : all.filter(({ parentShardId }) => parentShardId === ShardFilter.ShardId);
      const from = after === undefined ? 0 : positionAfter(shards, after);
      const listed = shards.slice(from, from + Limit);
      return {
        StreamDescription: {
          StreamArn: arn,
          StreamLabel: label,
          StreamStatus: stream.closedAt() === undefined ? 'ENABLED' : 'DISABLED',
          StreamViewType: viewType,
          CreationRequestDateTime: stream.createdAt / 1000,
          TableName: tableName,
          KeySchema: keySchema,
          Shards: listed.map(describeShard),
          ...(from + Limit < shards.length ? { LastEvaluatedShardId: listed.at(-1)?.shardId } : {}),
        },
      };
    },
    GetShardIterator(input) {
      const request = parseRequest<GetShardIteratorRequest>(STREAM_SHAPES.GetShardIterator, input);
      const stream = findStream(database, request.StreamArn);
      const shard = findShard(stream, request.ShardId);
      const position = startOf(stream, shard, request);
      const iterator = { streamArn: stream.options.arn, shardId: shard.shardId, position };
      return { ShardIterator: writeShardIterator(iterator, database.clock.now()) };
    },
    GetRecords(input) {
      const { ShardIterator, Limit = MAX_RECORDS } = parseRequest<GetRecordsRequest>(STREAM_SHAPES.GetRecords, input);
      const now = database.clock.now();
      const { streamArn, shardId, position: from } = readShardIterator(ShardIterator, now);
      const stream = findStream(database, streamArn);
      const shard = findShard(stream, shardId);
      if (from < shard.start()) throw trimmed();
      const { records: Records, next: position } = shard.read(from, Limit);
      stream.options.onRead(Records);
      if (shard.endedAt() !== undefined && !shard.hasFrom(position)) return { Records };
      return { Records, NextShardIterator: writeShardIterator({ streamArn, shardId, position }, now) };
    },
  };
}

/** Nothing follows a shard that there is not. */
function positionAfter(shards: readonly StreamShard[], shardId: string): number {
  const at = shards.findIndex((shard) => shard.shardId === shardId);
  return at === -1 ? shards.length : at + 1;
}

function describeShard(shard: StreamShard): object {
  const { shardId, parentShardId, from } = shard;
  const endedAt = shard.endedAt();
  return {
    ShardId: shardId,
    SequenceNumberRange: {
      StartingSequenceNumber: toSequenceNumber(from),
      ...(endedAt === undefined ? {} : { EndingSequenceNumber: toSequenceNumber(Math.max(endedAt - 1, from)) }),
    },
    ...(parentShardId === undefined ? {} : { ParentShardId: parentShardId }),
  };
}

function startOf(stream: ChangeStream, shard: StreamShard, request: GetShardIteratorRequest): number {
  const { ShardIteratorType: type, SequenceNumber } = request;
  const end = shard.endedAt() ?? stream.end();
  if (type === 'TRIM_HORIZON') return shard.start();
  if (type === 'LATEST') return end;
  const at = SequenceNumber === undefined ? Number.NaN : toPosition(SequenceNumber);
  // the number with which the shard starts is known before its first record is
  if (at === shard.from && end === at) return at;
  if (!(at >= shard.from && at < end)) {
    throw new AwsError(
      'ValidationException',
      `Invalid SequenceNumber for ShardIteratorType ${type}: got ${SequenceNumber ?? 'none'}, expected one that a record of ${shard.shardId} has`,
    );
  }
  const position = type === 'AT_SEQUENCE_NUMBER' ? at : at + 1;
  if (position < shard.start()) throw trimmed();
  return position;
}

/** @throws AwsError `ResourceNotFoundException` */
function findShard(stream: ChangeStream, shardId: string): StreamShard {
  const shard = stream.shards().find((each) => each.shardId === shardId);
  if (shard === undefined) throw notFound(`Shard: ${shardId} in stream ${stream.options.arn}`);
  return shard;
}

/** @throws AwsError `ResourceNotFoundException` */
export function findStream(database: Database, arn: string): ChangeStream {
  const stream = database.stream(arn);
  if (stream === undefined) throw notFound(`Stream: ${arn}`);
  return stream;
}

const notFound = (what: string) =>
  new AwsError('ResourceNotFoundException', `Requested resource not found: ${what} not found`);

const trimmed = () =>
  new AwsError(
    'TrimmedDataAccessException',
    'The operation attempted to read past the oldest stream record in a shard: records are kept for 24 hours; start again from TRIM_HORIZON',
  );
