import { createHash } from 'node:crypto';
import type { EpochMs } from '../../lib/shared/time.ts';
import { type Item, pickAttributes, sameItem } from '../../lib/testing/dynamodb/item.ts';
import { itemSizeBytes } from '../../lib/testing/dynamodb/item-size.ts';
import { attributeNames, type KeySchemaElement } from '../../lib/testing/dynamodb/schema.ts';

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** As GetRecords returns it. */
interface StreamRecord {
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
}

/** The changes of one table in one shard: a log that forgets what is older than a day. Positions count from 0. */
export interface ChangeStream {
  readonly options: ChangeStreamOptions;
  readonly createdAt: EpochMs;
  readonly shardId: string;
  /** Set when the stream was disabled or its table deleted; records stay readable for a day. */
  closedAt(): EpochMs | undefined;
  close(): void;
  /** Does nothing when the item did not change. @returns whether a record was added. */
  append(before: Item | undefined, after: Item | undefined, userIdentity?: UserIdentity): boolean;
  /** Position of the oldest record that is still there. */
  start(): number;
  /** Position of the next record to come. */
  end(): number;
  /** @param from must lie between `start()` and `end()`. */
  read(from: number, limit: number): readonly StreamRecord[];
  subscribe(listener: () => void): () => void;
  notify(): void;
}

export const RETENTION_MS = 24 * 60 * 60 * 1000;
/** Most that one GetRecords call returns. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html */
const MAX_READ_BYTES = 1024 * 1024;
/** How many forgotten records may lie at the front of the array before it is cut. */
const CUT_AFTER = 1024;
/** Sequence numbers have 21 digits, as those of AWS, and rise by one. */
const FIRST_SEQUENCE_NUMBER = 100_000_000_000_000_000_001n;

export const toSequenceNumber = (position: number): string => (FIRST_SEQUENCE_NUMBER + BigInt(position)).toString();
/** NaN when it is no sequence number of ours. */
export const toPosition = (sequenceNumber: string): number =>
  /^\d{21}$/.test(sequenceNumber) ? Number(BigInt(sequenceNumber) - FIRST_SEQUENCE_NUMBER) : Number.NaN;

export function createChangeStream(options: ChangeStreamOptions): ChangeStream {
  const { now, viewType } = options;
  const createdAt = now();
  const keyNames = attributeNames(options.keySchema);
  const listeners = new Set<() => void>();
  const records: { readonly at: EpochMs; readonly record: StreamRecord }[] = [];
  let closedAt: EpochMs | undefined;
  /** Position of `records[0]`. */
  let base = 0;
  /** How many records at the front are forgotten. */
  let forgotten = 0;

  const trim = () => {
    const horizon = now() - RETENTION_MS;
    for (let oldest = records[forgotten]; oldest !== undefined && oldest.at < horizon; oldest = records[forgotten]) {
      forgotten++;
    }
    if (forgotten < CUT_AFTER) return;
    records.splice(0, forgotten);
    base += forgotten;
    forgotten = 0;
  };

  const toRecord = (
    before: Item | undefined,
    after: Item | undefined,
    userIdentity: UserIdentity | undefined,
  ): StreamRecord => {
    const position = base + records.length;
    const keys = pickAttributes(after ?? before ?? {}, keyNames);
    const newImage = viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES' ? after : undefined;
    const oldImage = viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES' ? before : undefined;
    return {
      eventID: hexDigest(`${options.arn}/${position}`),
      eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: options.region,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(now() / 1000),
        Keys: keys,
        ...(newImage === undefined ? {} : { NewImage: newImage }),
        ...(oldImage === undefined ? {} : { OldImage: oldImage }),
        SequenceNumber: toSequenceNumber(position),
        SizeBytes: itemSizeBytes(keys) + itemSizeBytes(newImage ?? {}) + itemSizeBytes(oldImage ?? {}),
        StreamViewType: viewType,
      },
      ...(userIdentity === undefined ? {} : { userIdentity }),
    };
  };

  return {
    options,
    createdAt,
    shardId: `shardId-${createdAt.toString().padStart(20, '0')}-${hexDigest(options.arn).slice(0, 8)}`,
    closedAt: () => closedAt,
    close() {
      closedAt ??= now();
    },
    append(before, after, userIdentity) {
      if (sameItem(before, after)) return false;
      trim();
      records.push({ at: now(), record: toRecord(before, after, userIdentity) });
      return true;
    },
    start() {
      trim();
      return base + forgotten;
    },
    end: () => base + records.length,
    read(from, limit) {
      const read: StreamRecord[] = [];
      let bytes = 0;
      for (let at = from - base; at < records.length && read.length < limit; at++) {
        const record = records[at]?.record;
        if (record === undefined) break;
        bytes += record.dynamodb.SizeBytes;
        if (bytes > MAX_READ_BYTES && read.length > 0) break;
        read.push(record);
      }
      return read;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    notify() {
      for (const listener of listeners) listener();
    },
  };
}

const hexDigest = (text: string): string => createHash('md5').update(text).digest('hex');
