import { hash } from 'node:crypto';
import type { EpochMs } from '../../lib/shared/time.ts';
import { type Item, pickAttributes, sameItem } from '../../lib/testing/dynamodb/item.ts';
import { itemSizeBytes } from '../../lib/testing/dynamodb/item-size.ts';
import { attributeNames, type KeySchemaElement } from '../../lib/testing/dynamodb/schema.ts';
import type { DynamoDbFaults, ShardChange } from './faults.ts';
import { ALL_HASHES, createStreamShard, type HashRange, RETENTION_MS, type StreamShard } from './stream-shard.ts';

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** As GetRecords returns it. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly NewImage?: Item;
    readonly OldImage?: Item;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: StreamViewType;
  };
  readonly userIdentity?: UserIdentity;
}

/** Set on what the service itself removed. The API spells the members so; Lambda's events have them in lower case. */
export interface UserIdentity {
  readonly PrincipalId: string;
  readonly Type: 'Service';
}

export interface ChangeStreamOptions {
  readonly arn: string;
  readonly label: string;
  readonly tableName: string;
  readonly keySchema: readonly KeySchemaElement[];
  readonly viewType: StreamViewType;
  readonly region: string;
  readonly now: () => EpochMs;
  readonly faults: DynamoDbFaults;
  /** Called with records that somebody reads. */
  readonly onRead: (records: readonly StreamRecord[]) => void;
}

/**
 * The changes of one table: a log that forgets what is older than a day, in one shard unless a fault closes it and its
 * children go on. Positions count from 0, over all shards.
 */
export interface ChangeStream {
  readonly options: ChangeStreamOptions;
  readonly createdAt: EpochMs;
  /** In the order of their beginning: those that take records, and closed ones that may still hold some. */
  shards(): readonly StreamShard[];
  /** Set when the stream was disabled or its table deleted; records stay readable for a day. */
  closedAt(): EpochMs | undefined;
  close(): void;
  /** Does nothing when the item did not change. @returns whether a record was added. */
  append(before: Item | undefined, after: Item | undefined, userIdentity?: UserIdentity): boolean;
  /** Position of the next record to come. */
  end(): number;
  subscribe(listener: () => void): () => void;
  notify(): void;
}

/** Sequence numbers have 21 digits, as those of AWS, and rise by one. */
const FIRST_SEQUENCE_NUMBER = 100_000_000_000_000_000_001n;

export const toSequenceNumber = (position: number): string => `1${String(position + 1).padStart(20, '0')}`;
/** NaN when it is no sequence number of ours. */
export const toPosition = (sequenceNumber: string): number =>
  /^\d{21}$/.test(sequenceNumber) ? Number(BigInt(sequenceNumber) - FIRST_SEQUENCE_NUMBER) : Number.NaN;

export function createChangeStream(options: ChangeStreamOptions): ChangeStream {
  const { now, viewType, faults } = options;
  const createdAt = now();
  const keyNames = attributeNames(options.keySchema);
  const partitionKey = options.keySchema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
  const streamId = hexDigest(options.arn).slice(0, 16);
  const listeners = new Set<() => void>();
  let closedAt: EpochMs | undefined;
  let end = 0;
  let numbered = 0;

  const openShard = (hashes: HashRange, parentShardId?: string): StreamShard => {
    const number = numbered++;
    const suffix = hexDigest(number === 0 ? options.arn : `${options.arn}/${number}`).slice(0, 8);
    const shardId = `shardId-${now().toString().padStart(20, '0')}-${suffix}`;
    return createStreamShard({ shardId, parentShardId, hashes, from: end, now });
  };
  const first = openShard(ALL_HASHES);
  let open: readonly StreamShard[] = [first];
  let shards: readonly StreamShard[] = open;

  const shardFor = (keys: Item): StreamShard => {
    // one shard has all keys
    if (open.length === 1) return open[0] ?? first;
    const place = hash('md5', JSON.stringify(keys[partitionKey]), 'buffer').readUInt32BE();
    return open.find(({ hashes }) => hashes.from <= place && place < hashes.to) ?? first;
  };

  /** Closes a shard after its newest record, and opens what follows it. */
  const succeed = (shard: StreamShard, kind: ShardChange) => {
    const { from, to } = shard.hashes;
    const middle = (from + to) / 2;
    const ranges =
      kind === 'replace' || to - from < 2
        ? [shard.hashes]
        : [
            { from, to: middle },
            { from: middle, to },
          ];
    shard.close(end);
    const children = ranges.map((range) => openShard(range, shard.shardId));
    open = [...open.filter((other) => other !== shard), ...children];
    shards = [...shards, ...children];
  };

  const forgetOldShards = () => {
    if (shards.length === open.length) return;
    const horizon = now() - RETENTION_MS;
    const isOld = (shard: StreamShard) => (shard.closedAt() ?? now()) < horizon;
    // a stream of its own that was closed is forgotten as a whole
    if (closedAt === undefined && shards.some(isOld)) shards = shards.filter((shard) => !isOld(shard));
  };

  const toRecord = (
    keys: Item,
    before: Item | undefined,
    after: Item | undefined,
    userIdentity: UserIdentity | undefined,
  ): StreamRecord => {
    const newImage = viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES' ? after : undefined;
    const oldImage = viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES' ? before : undefined;
    return {
      // one half is the stream's, the other the record's: a digest of each record costs more than the rest of it
      eventID: streamId + end.toString(16).padStart(16, '0'),
      eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: options.region,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(now() / 1000),
        Keys: keys,
        ...(newImage === undefined ? {} : { NewImage: newImage }),
        ...(oldImage === undefined ? {} : { OldImage: oldImage }),
        SequenceNumber: toSequenceNumber(end),
        SizeBytes: itemSizeBytes(keys) + itemSizeBytes(newImage ?? {}) + itemSizeBytes(oldImage ?? {}),
        StreamViewType: viewType,
      },
      ...(userIdentity === undefined ? {} : { userIdentity }),
    };
  };

  return {
    options,
    createdAt,
    shards() {
      forgetOldShards();
      return shards;
    },
    closedAt: () => closedAt,
    close() {
      closedAt ??= now();
      for (const shard of open) shard.close(end);
    },
    append(before, after, userIdentity) {
      if (sameItem(before, after)) return false;
      const keys = pickAttributes(after ?? before ?? {}, keyNames);
      const shard = shardFor(keys);
      shard.append(end, toRecord(keys, before, after, userIdentity));
      end++;
      const change = faults.onStreamRecord?.({
        streamArn: options.arn,
        shardId: shard.shardId,
        recordsInShard: shard.count(),
        openShards: open.length,
      });
      if (change !== undefined) succeed(shard, change);
      return true;
    },
    end: () => end,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    notify() {
      for (const listener of listeners) listener();
    },
  };
}

const hexDigest = (text: string): string => hash('md5', text);
