import { PUT_EVENTS_MAX_BYTES } from '../contracts/index.ts';
import type { BusEntry } from './ports.ts';

/** What AWS counts for an entry's `Time`. */
const TIME_BYTES = 14;

/**
 * The size of an entry as PutEvents counts it; Waybill's entries always have a time and never resources.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size
 */
export const entrySizeBytes = (entry: BusEntry): number =>
  TIME_BYTES +
  Buffer.byteLength(entry.source, 'utf8') +
  Buffer.byteLength(entry.detailType, 'utf8') +
  Buffer.byteLength(entry.detail, 'utf8');

/** Whether entries of this size together go into one request: AWS says "less than 1 MB", so the limit itself does not. */
export const fitsIntoCall = (sizeBytes: number): boolean => sizeBytes < PUT_EVENTS_MAX_BYTES;
