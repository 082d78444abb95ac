import { OUTBOX_ATTRIBUTES, OUTBOX_KIND, OUTBOX_TABLE } from '../contracts/index.ts';
import type { EpochMs } from '../shared/time.ts';
import { StreamRecordError } from './errors.ts';
import type { OutboxRecord } from './outbox-record.ts';
import type { EventKey } from './ports.ts';

interface StreamAttribute {
  readonly S?: string | undefined;
  readonly N?: string | undefined;
}

type StreamImage = Readonly<Record<string, StreamAttribute>>;

/** The part of Lambda's DynamoDB stream record that the relay reads. */
export interface StreamRecord {
  readonly eventName?: string | undefined;
  readonly dynamodb?:
    | {
        readonly Keys?: StreamImage | undefined;
        readonly NewImage?: StreamImage | undefined;
        readonly SequenceNumber?: string | undefined;
      }
    | undefined;
}

/** What a JavaScript date can hold. */
const LATEST_INSTANT_MS = 8.64e15;

/**
 * Reads one stream record; a record that tells of an event but cannot be read comes back as `unreadable` with its
 * problems, since it must not block the shard.
 * @returns undefined for what is not an event's insert: a group's head, an update, a removal by TTL
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
  if (record.eventName !== 'INSERT' || kind === OUTBOX_KIND.head) return undefined;

  const problems: string[] = [];
  const text = (attribute: string): string => {
    const value = image[attribute]?.S ?? '';
    if (value === '')
      problems.push(`'${attribute}' must be a string that is not empty, got ${describe(image[attribute])}`);
    return value;
  };
  if (kind !== OUTBOX_KIND.event) {
    const got = describe(image[OUTBOX_ATTRIBUTES.kind]);
    problems.push(`'${OUTBOX_ATTRIBUTES.kind}' must be '${OUTBOX_KIND.event}', got ${got}`);
  }
  const key = readKey(Keys, problems);
  const committedAt = readNumber(image[OUTBOX_ATTRIBUTES.committedAt]);
  if (!(committedAt >= 0 && committedAt <= LATEST_INSTANT_MS)) {
    const got = describe(image[OUTBOX_ATTRIBUTES.committedAt]);
    problems.push(`'${OUTBOX_ATTRIBUTES.committedAt}' must be milliseconds since 1970, got ${got}`);
  }
  const id = text(OUTBOX_ATTRIBUTES.id);
  const source = text(OUTBOX_ATTRIBUTES.source);
  const type = text(OUTBOX_ATTRIBUTES.type);
  const event = text(OUTBOX_ATTRIBUTES.event);
  if (key === undefined || problems.length > 0) return { kind: 'unreadable', position, key, problems };
  return {
    kind: 'event',
    position,
    event: { ...key, id, source, type, event, committedAt: committedAt as EpochMs },
  };
}

function readKey(keys: StreamImage, problems: string[]): EventKey | undefined {
  const group = keys[OUTBOX_TABLE.partitionKey.name]?.S ?? '';
  const sequence = readNumber(keys[OUTBOX_TABLE.sortKey.name]);
  if (group !== '' && sequence >= 1) return { group, sequence };
  const { partitionKey, sortKey } = OUTBOX_TABLE;
  problems.push(
    `the key must be '${partitionKey.name}' (a string) and '${sortKey.name}' (a whole number from 1), ` +
      `got ${describe(keys[partitionKey.name])} and ${describe(keys[sortKey.name])}`,
  );
  return undefined;
}

/** NaN unless the attribute is a whole number that JavaScript holds exactly. */
function readNumber(attribute: StreamAttribute | undefined): number {
  const value = Number(attribute?.N ?? Number.NaN);
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

/** A problem ends up in a log and on the marker: a long value would drown it. */
const SHOWN_MAX_LENGTH = 100;

function describe(attribute: StreamAttribute | undefined): string {
  if (attribute === undefined) return 'nothing';
  if (attribute.S !== undefined) return `the string '${attribute.S.slice(0, SHOWN_MAX_LENGTH)}'`;
  if (attribute.N !== undefined) return `the number ${attribute.N}`;
  return `an attribute of type ${Object.keys(attribute).join(', ')}`;
}
