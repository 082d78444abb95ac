import type { EpochMs } from '../../../lib/shared/time.ts';
import { AwsError } from '../../endpoint/aws-error.ts';
import type { RunnerDeps } from './mapping-runner.ts';
import type { Pauses } from './pauses.ts';
import { type StreamEntry, toEntry, toLambdaRecord } from './stream-entry.ts';
import type { ShardPosition, StreamsPort } from './streams-port.ts';

export interface ShardReaderOptions {
  readonly streamArn: string;
  readonly shardId: string;
  readonly startAt: ShardPosition | ShardPlace;
  readonly pauses: Pauses;
  readonly isStopped: () => boolean;
  /** Takes what passed the filter, in stream order. */
  readonly onEntry: (entry: StreamEntry) => void;
  /** How many more entries are welcome now. */
  readonly room: () => number;
  /** Called once, when a closed shard has been read to its end. */
  readonly onEnd: () => void;
}

/** Where a reader has come to, for one that goes on in its stead. */
export interface ShardPlace {
  readonly position: ShardPosition;
  /** Keeps `LATEST` from moving on. @default - asked for anew */
  readonly iterator: string | undefined;
  /** When the first reader of the shard began. */
  readonly openedAt: EpochMs;
}

export interface ShardReader {
  place(): ShardPlace;
  /** Reads on, if it does not already. */
  wake(): void;
  isReading(): boolean;
}

const MAX_PAGE_RECORDS = 1000;
const RETRY_AFTER_ERROR_MS = 1000;

/** Reads one shard up to its newest record each time it is woken, as far as there is room for what it finds. */
export async function openShardReader(
  deps: RunnerDeps,
  streams: StreamsPort,
  options: ShardReaderOptions,
): Promise<ShardReader> {
  const { clock, log, target, accepts } = deps;
  const { streamArn, shardId, pauses, isStopped, onEntry, room, onEnd } = options;
  const place =
    'position' in options.startAt
      ? options.startAt
      : { position: options.startAt, iterator: undefined, openedAt: clock.now() };
  const { openedAt, position: startAt } = place;
  let position = startAt;
  // a sequence number stands for the same place later on
  let iterator =
    'sequenceNumber' in startAt
      ? undefined
      : (place.iterator ?? (await streams.iterator(streamArn, shardId, position)));
  let ended = false;
  let reading = false;
  let woken = false;

  const wake = () => {
    woken = true;
    if (!reading && !ended) void read();
  };

  const read = async () => {
    reading = true;
    while (woken && !ended && !isStopped() && room() > 0) {
      woken = false;
      try {
        // a full page may have more behind it
        if ((await readPage()) > 0) woken = true;
      } catch (error) {
        woken = true;
        await recover(error);
      }
    }
    reading = false;
  };

  const readPage = async (): Promise<number> => {
    iterator ??= await streams.iterator(streamArn, shardId, position);
    const { records, nextIterator } = await streams.read(iterator, Math.min(room(), MAX_PAGE_RECORDS));
    iterator = nextIterator;
    for (const record of records) {
      position = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: record.dynamodb.SequenceNumber };
      // a reader that lost its place at LATEST went back to the horizon
      if (startAt.type === 'LATEST' && record.dynamodb.ApproximateCreationDateTime < Math.floor(openedAt / 1000))
        continue;
      const lambdaRecord = toLambdaRecord(record, streamArn);
      if (accepts(lambdaRecord)) onEntry(toEntry(record, lambdaRecord));
    }
    if (nextIterator === undefined) {
      ended = true;
      onEnd();
    }
    return records.length;
  };

  const recover = async (error: unknown) => {
    iterator = undefined;
    const code = error instanceof AwsError ? error.code : '';
    if (code === 'ExpiredIteratorException') {
      // LATEST would now be later than it was
      if (position.type === 'LATEST') position = { type: 'TRIM_HORIZON' };
      return;
    }
    if (code === 'TrimmedDataAccessException') {
      log('error', target.functionName, `stream records of ${streamArn} expired before they were read`, { shardId });
      position = { type: 'TRIM_HORIZON' };
      return;
    }
    if (isStopped()) return;
    log('error', target.functionName, `cannot read ${streamArn}; trying again`, { error });
    await pauses.wait(RETRY_AFTER_ERROR_MS);
  };

  return { wake, place: () => ({ position, iterator, openedAt }), isReading: () => reading && room() > 0 };
}
