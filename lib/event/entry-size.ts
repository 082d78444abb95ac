import { PUT_EVENTS_MAX_BYTES } from '../contracts/index.ts';

/** What an entry of PutEvents is made of; Waybill's entries always have a `Time` and never resources. */
export interface SizedEntry {
  readonly source: string;
  readonly detailType: string;
  readonly detail: string;
}

/** What AWS counts for an entry's `Time`. */
const TIME_BYTES = 14;

/**
 * The size of an entry as PutEvents counts it.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size
 */
export const entrySizeBytes = ({ source, detailType, detail }: SizedEntry): number =>
  TIME_BYTES +
  Buffer.byteLength(source, 'utf8') +
  Buffer.byteLength(detailType, 'utf8') +
  Buffer.byteLength(detail, 'utf8');

/** Whether entries of this size together go into one request: AWS says "less than 1 MB", so the limit itself does not. */
export const fitsIntoCall = (sizeBytes: number): boolean => sizeBytes < PUT_EVENTS_MAX_BYTES;
