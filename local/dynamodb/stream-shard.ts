import type { EpochMs } from '../../lib/shared/time.ts';
import type { StreamRecord } from './change-stream.ts';

/** Hashes of partition keys: `from` inclusive, `to` exclusive. */
export interface HashRange {
  readonly from: number;
  readonly to: number;
}

export const ALL_HASHES: HashRange = { from: 0, to: 2 ** 32 };

/** Records of some partition keys of a table, in the order of the commits. Positions are those of the whole stream. */
export interface StreamShard {
  readonly shardId: string;
  readonly parentShardId: string | undefined;
  readonly hashes: HashRange;
  /** Position of the first record that it could hold. */
  readonly from: number;
  /** Position after the last one, once it takes no more. */
  endedAt(): number | undefined;
  closedAt(): EpochMs | undefined;
  close(position: number): void;
  append(position: number, record: StreamRecord): void;
  /** Records that it has taken so far. */
  count(): number;
  /** Position from which on nothing is forgotten. */
  start(): number;
  /** @param from must not lie before `start()`. */
  read(from: number, limit: number): ShardPage;
  /** Whether it holds a record at the position or after it. */
  hasFrom(position: number): boolean;
}

interface ShardPage {
  readonly records: readonly StreamRecord[];
  /** Position from which to read on. */
  readonly next: number;
}

interface Place {
  readonly at: EpochMs;
  readonly position: number;
  readonly bytes: number;
}

export interface ShardOptions {
  readonly shardId: string;
  readonly parentShardId: string | undefined;
  readonly hashes: HashRange;
  readonly from: number;
  readonly now: () => EpochMs;
}

export const RETENTION_MS = 24 * 60 * 60 * 1000;
/** Most that one GetRecords call returns. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html */
const MAX_READ_BYTES = 1024 * 1024;
/** How many forgotten records may lie at the front of the array before it is cut. */
const CUT_AFTER = 1024;

export function createStreamShard({ now, ...options }: ShardOptions): StreamShard {
  const records: StreamRecord[] = [];
  /** Of each record. */
  const places: Place[] = [];
  let count = 0;
  let closedAt: EpochMs | undefined;
  let endedAt: number | undefined;
  /** How many records at the front are forgotten. */
  let forgotten = 0;
  let start = options.from;

  const trim = () => {
    const horizon = now() - RETENTION_MS;
    for (let oldest = places[forgotten]; oldest !== undefined && oldest.at < horizon; oldest = places[forgotten]) {
      start = oldest.position + 1;
      forgotten++;
    }
    if (forgotten < CUT_AFTER) return;
    records.splice(0, forgotten);
    places.splice(0, forgotten);
    forgotten = 0;
  };

  /** Index of the first record that is not before the position. */
  const indexOf = (position: number): number => {
    // the only shard of a stream has no gaps
    const gapless = position - (places[0]?.position ?? position);
    if (gapless === 0 || places[gapless - 1]?.position === position - 1) return gapless;
    let low = 0;
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((places[middle]?.position ?? position) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    ...options,
    endedAt: () => endedAt,
    closedAt: () => closedAt,
    close(position) {
      closedAt ??= now();
      endedAt ??= position;
    },
    append(position, record) {
      trim();
      records.push(record);
      places.push({ at: now(), position, bytes: record.dynamodb.SizeBytes });
      count++;
    },
    count: () => count,
    start() {
      trim();
      return start;
    },
    read(from, limit) {
      const first = indexOf(from);
      const end = Math.min(first + limit, places.length);
      let bytes = 0;
      let index = first;
      for (; index < end; index++) {
        bytes += places[index]?.bytes ?? 0;
        // the first is given, however large it is
        if (bytes > MAX_READ_BYTES && index > first) break;
      }
      const last = index === first ? undefined : places[index - 1];
      return { records: records.slice(first, index), next: last === undefined ? from : last.position + 1 };
    },
    hasFrom: (position) => indexOf(position) < places.length,
  };
}
