import {
  HEAD_SEQUENCE,
  OUTBOX_ATTRIBUTES,
  OUTBOX_KIND,
  OUTBOX_TABLE,
  PENDING_ATTRIBUTES,
  PUT_EVENTS_MAX_BYTES,
} from '../definitions/index.ts';
import { assertEventFormat, COMPRESSED_FORMAT_VALUE, STORED_FORMAT_VALUE } from '../shared/stored-format.ts';
import type { EpochMs, EpochSeconds } from '../shared/time.ts';
import { type Attribute, compressBody, readBody } from './event-body.ts';
import { type Item, itemBytes, writeUnits } from './item-size.ts';

/** The key of an event in the outbox log. Its marker in the pending table has the same key. */
export interface EventKey {
  readonly group: string;
  /** From 1. */
  readonly sequence: number;
}

/** An event as stored in the outbox log. */
export interface EventRecord extends EventKey {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The serialized event: the exact string that is published. It is never parsed on the way to the bus. */
  readonly body: string;
  readonly committedAt: EpochMs;
  /** Undefined if it was not read. */
  readonly correlationId?: string | undefined;
  /** When the event expires; undefined if it never does, or if it was not read. */
  readonly expires?: EpochSeconds | undefined;
  /**
   * When every earlier event of the group has expired at the latest; undefined if not known. Until then, a missing
   * earlier event is an error.
   */
  readonly previousExpires?: EpochSeconds | undefined;
}

/** An event without its body. */
export type EventSummary = Omit<EventRecord, 'body' | 'correlationId' | 'expires' | 'previousExpires'>;

/** A new event, which always has an expiry. */
export type NewEventRecord = EventRecord & { readonly expires: EpochSeconds };

/** The result of reading an event's item from the log. */
export type OutboxItem =
  | { readonly kind: 'event'; readonly event: EventRecord }
  | {
      readonly kind: 'unpublishable';
      /** Undefined if the key cannot be read. Then the marker is unknown. */
      readonly key: EventKey | undefined;
      readonly reason: { readonly code: string; readonly message: string };
    };

/** An item as returned by the stream and the SDK's low-level client. */
export type RawItem = Readonly<Record<string, Attribute>>;

const GROUP = OUTBOX_TABLE.partitionKey.name;
const SEQUENCE = OUTBOX_TABLE.sortKey.name;

/** A text that is unique for the key. */
export const keyText = ({ group, sequence }: EventKey): string => `${sequence} ${group}`;

/** The key of an event's item in the log and of its marker. */
export const keyItem = ({ group, sequence }: EventKey): Item => ({
  [GROUP]: { S: group },
  [SEQUENCE]: { N: String(sequence) },
});

/** The key of a group's head in the log. */
export const headKey = (group: string): Item => keyItem({ group, sequence: HEAD_SEQUENCE });

/** The key of an item of the log, or of a marker. Missing parts are empty or NaN. */
export const keyOf = (item: RawItem): EventKey => ({
  group: item[GROUP]?.S ?? '',
  sequence: Number(item[SEQUENCE]?.N),
});

/** How an event is stored. */
export interface RecordForm {
  /** Whether `event` is compressed if that saves a write unit. @default false */
  readonly compress?: boolean;
  /** Whether the log is indexed by the correlation id. @default false */
  readonly correlation?: boolean;
}

/**
 * The event's item in the log: `partitionkey`, `sequence`, `format`, `kind`, `id`, `source`, `type`, `event`,
 * `committedAt`, `expires` and, if known, `previousExpires`. `id`, `source` and `type` are also in the event: queries
 * filter by them without its body. `correlation` is only written if the log is indexed by it.
 */
export function recordItem(event: NewEventRecord, { compress = false, correlation = false }: RecordForm = {}): Item {
  const plain = {
    ...plainItem(event),
    ...(correlation &&
      event.correlationId !== undefined && { [OUTBOX_ATTRIBUTES.correlation]: { S: event.correlationId } }),
  };
  const units = writeUnits(itemBytes(plain));
  if (!compress || units === 1) return plain;
  const compressed = {
    ...plain,
    ...COMPRESSED_FORMAT_VALUE,
    [OUTBOX_ATTRIBUTES.event]: { B: compressBody(event.body) },
  };
  return writeUnits(itemBytes(compressed)) < units ? compressed : plain;
}

const plainItem = (event: NewEventRecord): Item => ({
  ...keyItem(event),
  ...STORED_FORMAT_VALUE,
  [OUTBOX_ATTRIBUTES.kind]: { S: OUTBOX_KIND.event },
  [OUTBOX_ATTRIBUTES.id]: { S: event.id },
  [OUTBOX_ATTRIBUTES.source]: { S: event.source },
  [OUTBOX_ATTRIBUTES.type]: { S: event.type },
  [OUTBOX_ATTRIBUTES.event]: { S: event.body },
  [OUTBOX_ATTRIBUTES.committedAt]: { N: String(event.committedAt) },
  [OUTBOX_TABLE.timeToLiveAttribute]: { N: String(event.expires) },
  ...(event.previousExpires === undefined
    ? {}
    : { [OUTBOX_ATTRIBUTES.previousExpires]: { N: String(event.previousExpires) } }),
});

/**
 * Reads an event from an item that the outbox wrote. Attributes that were not read are empty.
 * @throws StoredFormatError `STORED_FORMAT_UNKNOWN`
 */
export function recordOf(item: RawItem): EventRecord {
  assertEventFormat(item);
  return {
    ...summaryOf(item),
    body: readBody(item[OUTBOX_ATTRIBUTES.event]) ?? '',
    expires: secondsOf(item[OUTBOX_TABLE.timeToLiveAttribute]),
    previousExpires: secondsOf(item[OUTBOX_ATTRIBUTES.previousExpires]),
  };
}

/** As `recordOf`, without the large attributes. */
export const summaryOf = (item: RawItem): EventSummary => ({
  ...keyOf(item),
  id: item[OUTBOX_ATTRIBUTES.id]?.S ?? '',
  source: item[OUTBOX_ATTRIBUTES.source]?.S ?? '',
  type: item[OUTBOX_ATTRIBUTES.type]?.S ?? '',
  committedAt: Number(item[OUTBOX_ATTRIBUTES.committedAt]?.N) as EpochMs,
});

/** Whether an operator has marked the sequence as empty. */
export const isTombstone = (item: RawItem): boolean => item[OUTBOX_ATTRIBUTES.kind]?.S === OUTBOX_KIND.tombstone;

const secondsOf = (attribute: Attribute | undefined): EpochSeconds | undefined =>
  attribute?.N === undefined ? undefined : (Number(attribute.N) as EpochSeconds);

/** The largest value of a JavaScript date. */
const LATEST_INSTANT_MS = 8.64e15;

/**
 * Reads an event that is to be published and validates all attributes. If it is not valid, the result is
 * `unpublishable` with all problems, code `OUTBOX_RECORD_UNREADABLE`.
 * @throws StoredFormatError `STORED_FORMAT_UNKNOWN`: newer code can publish it
 */
export function readOutboxItem(item: RawItem): OutboxItem {
  assertEventFormat(item);
  const problems: string[] = [];
  const text = (attribute: string): string => {
    const value = item[attribute]?.S ?? '';
    if (value === '') {
      problems.push(`'${attribute}' must be a non-empty string, got ${describe(item[attribute])}`);
    }
    return value;
  };

  if (item[OUTBOX_ATTRIBUTES.kind]?.S !== OUTBOX_KIND.event) {
    const got = describe(item[OUTBOX_ATTRIBUTES.kind]);
    problems.push(`'${OUTBOX_ATTRIBUTES.kind}' must be '${OUTBOX_KIND.event}', got ${got}`);
  }
  const key = readKey(item, problems);
  const committedAt = readNumber(item[OUTBOX_ATTRIBUTES.committedAt]);
  if (!(committedAt >= 0 && committedAt <= LATEST_INSTANT_MS)) {
    const got = describe(item[OUTBOX_ATTRIBUTES.committedAt]);
    problems.push(`'${OUTBOX_ATTRIBUTES.committedAt}' must be milliseconds since 1970, got ${got}`);
  }
  const id = text(OUTBOX_ATTRIBUTES.id);
  const source = text(OUTBOX_ATTRIBUTES.source);
  const type = text(OUTBOX_ATTRIBUTES.type);
  const body = readBody(item[OUTBOX_ATTRIBUTES.event]) ?? '';
  if (body === '') {
    const got = describe(item[OUTBOX_ATTRIBUTES.event]);
    problems.push(`'${OUTBOX_ATTRIBUTES.event}' must be a non-empty string, got ${got}`);
  }
  if (key === undefined || problems.length > 0) {
    return { kind: 'unpublishable', key, reason: { code: 'OUTBOX_RECORD_UNREADABLE', message: problems.join('; ') } };
  }
  return { kind: 'event', event: { ...key, id, source, type, body, committedAt: committedAt as EpochMs } };
}

function readKey(item: RawItem, problems: string[]): EventKey | undefined {
  const group = item[GROUP]?.S ?? '';
  const sequence = readNumber(item[SEQUENCE]);
  if (group !== '' && sequence >= 1) return { group, sequence };
  problems.push(
    `the key must be '${GROUP}' (a string) and '${SEQUENCE}' (a whole number from 1), ` +
      `got ${describe(item[GROUP])} and ${describe(item[SEQUENCE])}`,
  );
  return undefined;
}

/** NaN unless the attribute is a safe integer. */
function readNumber(attribute: Attribute | undefined): number {
  const value = Number(attribute?.N ?? Number.NaN);
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

/** Problems are logged and stored on the marker, so long values are cut. */
const SHOWN_MAX_LENGTH = 100;

function describe(attribute: Attribute | undefined): string {
  if (attribute === undefined) return 'nothing';
  if (attribute.S !== undefined) return `the string '${attribute.S.slice(0, SHOWN_MAX_LENGTH)}'`;
  if (attribute.N !== undefined) return `the number ${attribute.N}`;
  if (attribute.B !== undefined) return `${attribute.B.length} bytes that are no compressed string`;
  return `an attribute of type ${Object.keys(attribute).join(', ')}`;
}

/** Why an event cannot be published. */
export interface QuarantineNote {
  readonly code: string;
  readonly message: string;
  readonly at: EpochMs;
}

/** The marker of an unpublished event. */
export interface PendingMarker extends EventKey {
  readonly committedAt: EpochMs;
  /** Undefined if the event can still be published. */
  readonly quarantined: QuarantineNote | undefined;
}

/** The item of the event's marker. */
export const markerItem = (event: EventRecord): Item => ({
  ...keyItem(event),
  ...STORED_FORMAT_VALUE,
  [PENDING_ATTRIBUTES.id]: { S: event.id },
  [PENDING_ATTRIBUTES.type]: { S: event.type },
  [PENDING_ATTRIBUTES.committedAt]: { N: String(event.committedAt) },
});

/** The value of the attribute that quarantines an event. */
export const noteValue = ({ code, message, at }: QuarantineNote): Item[string] => ({
  M: { code: { S: code }, message: { S: message }, at: { N: String(at) } },
});

export function markerOf(item: Item): PendingMarker {
  const note = item[PENDING_ATTRIBUTES.quarantined];
  return {
    ...keyOf(item),
    // a marker without a commit time counts as the oldest
    committedAt: Number(item[PENDING_ATTRIBUTES.committedAt]?.N ?? 0) as EpochMs,
    quarantined: note && {
      code: note.M?.['code']?.S ?? 'UNKNOWN',
      message: note.M?.['message']?.S ?? '',
      at: Number(note.M?.['at']?.N) as EpochMs,
    },
  };
}

/** One PutEvents entry. It always has a `Time` and never has resources. */
export interface BusEntry {
  readonly source: string;
  readonly detailType: string;
  /** The stored event, unchanged byte for byte. */
  readonly detail: string;
  /** The commit time, so that an archive replays in commit order and a second publication is identical. */
  readonly time: EpochMs;
}

export const busEntryOf = ({ source, type, body, committedAt }: EventRecord): BusEntry => ({
  source,
  detailType: type,
  detail: body,
  time: committedAt,
});

/** Bytes that AWS counts for an entry's `Time`. */
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

/** Whether entries of this total size fit into one request: AWS requires less than 1 MB, so the limit itself does not fit. */
export const fitsIntoCall = (sizeBytes: number): boolean => sizeBytes < PUT_EVENTS_MAX_BYTES;
