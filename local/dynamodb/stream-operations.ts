import { AwsError } from '../endpoint/aws-error.ts';
import { type ChangeStream, toPosition, toSequenceNumber } from './change-stream.ts';
import type { Database } from './database.ts';
import { parseRequest } from './dynalite.ts';
import type { Operations } from './operation.ts';
import { readShardIterator, writeShardIterator } from './shard-iterator.ts';
import { STREAM_SHAPES } from './stream-shapes.ts';

interface ListStreamsRequest {
  readonly TableName?: string;
  readonly ExclusiveStartStreamArn?: string;
  readonly Limit?: number;
}

interface DescribeStreamRequest {
  readonly StreamArn: string;
  readonly ExclusiveStartShardId?: string;
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
const MAX_RECORDS = 1000;

/** ListStreams, DescribeStream, GetShardIterator, GetRecords; every stream has one shard. */
export function createStreamOperations(database: Database): Operations {
  return {
    ListStreams(input) {
      const request = parseRequest<ListStreamsRequest>(STREAM_SHAPES.ListStreams, input);
      const { TableName, ExclusiveStartStreamArn: after = '', Limit = MAX_LISTED } = request;
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
      return {
        StreamDescription: {
          StreamArn: arn,
          StreamLabel: label,
          StreamStatus: stream.closedAt() === undefined ? 'ENABLED' : 'DISABLED',
          StreamViewType: viewType,
          CreationRequestDateTime: stream.createdAt / 1000,
          TableName: tableName,
          KeySchema: keySchema,
          Shards: request.ExclusiveStartShardId === stream.shardId ? [] : [describeShard(stream)],
        },
      };
    },
    GetShardIterator(input) {
      const request = parseRequest<GetShardIteratorRequest>(STREAM_SHAPES.GetShardIterator, input);
      const stream = findStream(database, request.StreamArn);
      if (request.ShardId !== stream.shardId) {
        throw notFound(`Shard: ${request.ShardId} in stream ${request.StreamArn}`);
      }
      const position = startOf(stream, request);
      const iterator = { streamArn: stream.options.arn, position };
      return { ShardIterator: writeShardIterator(iterator, database.clock.now()) };
    },
    GetRecords(input) {
      const { ShardIterator, Limit = MAX_RECORDS } = parseRequest<GetRecordsRequest>(STREAM_SHAPES.GetRecords, input);
      const now = database.clock.now();
      const { streamArn, position } = readShardIterator(ShardIterator, now);
      const stream = findStream(database, streamArn);
      if (position < stream.start()) throw trimmed();
      const Records = stream.read(position, Limit);
      const next = position + Records.length;
      if (stream.closedAt() !== undefined && next >= stream.end()) return { Records };
      return { Records, NextShardIterator: writeShardIterator({ streamArn, position: next }, now) };
    },
  };
}

function describeShard(stream: ChangeStream): object {
  const closed = stream.closedAt() !== undefined && stream.end() > 0;
  return {
    ShardId: stream.shardId,
    SequenceNumberRange: {
      StartingSequenceNumber: toSequenceNumber(0),
      ...(closed ? { EndingSequenceNumber: toSequenceNumber(stream.end() - 1) } : {}),
    },
  };
}

function startOf(stream: ChangeStream, request: GetShardIteratorRequest): number {
  const { ShardIteratorType: type, SequenceNumber } = request;
  if (type === 'TRIM_HORIZON') return stream.start();
  if (type === 'LATEST') return stream.end();
  const at = SequenceNumber === undefined ? Number.NaN : toPosition(SequenceNumber);
  if (!(at >= 0 && at < stream.end())) {
    throw new AwsError(
      'ValidationException',
      `Invalid SequenceNumber for ShardIteratorType ${type}: got ${SequenceNumber ?? 'none'}, expected one that a record of ${stream.shardId} has`,
    );
  }
  const position = type === 'AT_SEQUENCE_NUMBER' ? at : at + 1;
  if (position < stream.start()) throw trimmed();
  return position;
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
