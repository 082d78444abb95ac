import type { Caller, JsonObject, JsonService } from '../../endpoint/service.ts';
import type { StartingPosition } from './configuration.ts';

/** A record as GetRecords gives it. */
export interface StreamRecord {
  readonly awsRegion: string;
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventSource: string;
  readonly eventVersion: string;
  readonly dynamodb: {
    /** Seconds since the epoch. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Readonly<Record<string, unknown>>;
    readonly SequenceNumber: string;
    readonly [member: string]: unknown;
  };
  readonly userIdentity?: { readonly Type?: string; readonly PrincipalId?: string };
}

export interface Shard {
  readonly ShardId: string;
  readonly ParentShardId?: string;
}

export type ShardPosition =
  | { readonly type: StartingPosition }
  | { readonly type: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER'; readonly sequenceNumber: string };

interface RecordsPage {
  readonly records: readonly StreamRecord[];
  /** Undefined at the end of a closed shard. */
  readonly nextIterator: string | undefined;
}

/** What the mappings ask of DynamoDB Streams. Every method passes AwsErrors on. */
export interface StreamsPort {
  shards(streamArn: string): Promise<readonly Shard[]>;
  iterator(streamArn: string, shardId: string, position: ShardPosition): Promise<string>;
  read(iterator: string, limit: number): Promise<RecordsPage>;
}

interface DescribeOutput {
  readonly StreamDescription: { readonly Shards: readonly Shard[]; readonly LastEvaluatedShardId?: string };
}

/** @param caller the function's role: a mapping reads with its permissions. */
export function createStreamsPort(streams: JsonService, caller: Caller): StreamsPort {
  const call = async <Output>(operation: string, input: JsonObject) =>
    (await streams.handle(operation, input, caller)) as Output;

  return {
    async shards(StreamArn) {
      const shards: Shard[] = [];
      let last: string | undefined;
      do {
        const input = last === undefined ? { StreamArn } : { StreamArn, ExclusiveStartShardId: last };
        const { StreamDescription } = await call<DescribeOutput>('DescribeStream', input);
        shards.push(...StreamDescription.Shards);
        last = StreamDescription.LastEvaluatedShardId;
      } while (last !== undefined);
      return shards;
    },
    async iterator(StreamArn, ShardId, position) {
      const { ShardIterator } = await call<{ ShardIterator: string }>('GetShardIterator', {
        StreamArn,
        ShardId,
        ShardIteratorType: position.type,
        ...('sequenceNumber' in position ? { SequenceNumber: position.sequenceNumber } : {}),
      });
      return ShardIterator;
    },
    async read(ShardIterator, Limit) {
      const output = await call<{ Records?: readonly StreamRecord[]; NextShardIterator?: string | null }>(
        'GetRecords',
        { ShardIterator, Limit },
      );
      return { records: output.Records ?? [], nextIterator: output.NextShardIterator ?? undefined };
    },
  };
}
