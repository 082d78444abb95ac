import { PUT_EVENTS_MAX_BYTES } from '../contracts/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { EventRecord } from './event-record.ts';

/** One event as the bus takes it: an entry of PutEvents. It always has a `Time`, and never resources. */
export interface BusEntry {
  readonly source: string;
  readonly detailType: string;
  /** The stored event, passed on byte for byte. */
  readonly detail: string;
  /** The commit's: an archive replays by when things happened, and a second publication says the same. */
  readonly time: EpochMs;
}

export const busEntryOf = ({ source, type, body, committedAt }: EventRecord): BusEntry => ({
  source,
  detailType: type,
  detail: body,
  time: committedAt,
});

/** What AWS counts for an entry's `Time`. */
const TIME_BYTES = 14;

/**
 * The size of an entry as PutEvents counts it.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size
 */
export const entrySizeBytes = ({ source, detailType, detail }: BusEntry): number =>
  TIME_BYTES +
  Buffer.byteLength(source, 'utf8') +
  Buffer.byteLength(detailType, 'utf8') +
  Buffer.byteLength(detail, 'utf8');

/** Whether entries of this size together go into one request: AWS says "less than 1 MB", so the limit itself does not. */
export const fitsIntoCall = (sizeBytes: number): boolean => sizeBytes < PUT_EVENTS_MAX_BYTES;
