import { OUTBOX_ATTRIBUTES, OUTBOX_KIND } from '../../contracts/index.ts';
import { StreamRecordError } from '../errors.ts';
import { type RawItem, readOutboxItem } from '../event-record.ts';
import type { OutboxRecord } from './ports.ts';

/** The part of Lambda's DynamoDB stream record that the relay reads. */
export interface StreamRecord {
  readonly eventName?: string | undefined;
  readonly dynamodb?:
    | {
        readonly Keys?: RawItem | undefined;
        readonly NewImage?: RawItem | undefined;
        readonly SequenceNumber?: string | undefined;
      }
    | undefined;
}

/**
 * Reads one stream record; a record that tells of an event but cannot be read comes back as `unpublishable` with its
 * problems, since it must not block the shard.
 * @returns undefined for what is not an event's insert: a group's head, a tombstone, an update, a removal by TTL
 * @throws StreamRecordError `STREAM_RECORD_INVALID` when the record has no stream sequence number
 */
export function readStreamRecord(record: StreamRecord): OutboxRecord | undefined {
  const { Keys = {}, NewImage: image = {}, SequenceNumber: position = '' } = record.dynamodb ?? {};
  if (!/^\d+$/.test(position)) {
    throw new StreamRecordError(
      `a record must carry the stream's sequence number in decimal digits, got '${position}'; ` +
        'is the function mapped to the stream of the outbox table?',
    );
  }
  const kind = image[OUTBOX_ATTRIBUTES.kind]?.S;
  const isNoEvent = kind === OUTBOX_KIND.head || kind === OUTBOX_KIND.tombstone;
  if (record.eventName !== 'INSERT' || isNoEvent) return undefined;
  return { position, ...readOutboxItem({ ...image, ...Keys }) };
}
