import {
  HEAD_SEQUENCE,
  OUTBOX_ATTRIBUTES,
  OUTBOX_KIND,
  OUTBOX_TABLE,
  PENDING_ATTRIBUTES,
  PUT_EVENTS_MAX_BYTES,
} from '../definitions/index.ts';
import { STORED_FORMAT_VALUE } from '../shared/stored-format.ts';
import type { EpochMs, EpochSeconds } from '../shared/time.ts';
import type { Item } from './item-size.ts';

/** Where an event stands in the outbox log; its marker in the pending table stands under the same key. */
export interface EventKey {
  readonly group: string;
  /** From 1. */
  readonly sequence: number;
}

/** An event as the outbox log keeps it. */
export interface EventRecord extends EventKey {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The serialized event: the exact string that goes to the bus. Whoever carries it never looks inside. */
  readonly body: string;
  readonly committedAt: EpochMs;
  /** When retention may take it; undefined where it never does, or where it was not read. */
  readonly expires?: EpochSeconds | undefined;
  /**
   * From when on retention may have taken every earlier event of the group; undefined where that is not known. What is
   * missing before this event is a fault until then.
   */
  readonly previousExpires?: EpochSeconds | undefined;
}

/** An event without its body. */
export type EventSummary = Omit<EventRecord, 'body' | 'expires' | 'previousExpires'>;

/** An event that is written: retention takes it one day. */
export type NewEventRecord = EventRecord & { readonly expires: EpochSeconds };

/** What stands in the log where an event is expected. */
export type OutboxItem =
  | { readonly kind: 'event'; readonly event: EventRecord }
  | {
      readonly kind: 'unpublishable';
      /** Undefined when not even the key can be read; then no marker can be meant. */
      readonly key: EventKey | undefined;
      readonly reason: { readonly code: string; readonly message: string };
    };

interface Attribute {
  readonly S?: string | undefined;
  readonly N?: string | undefined;
}

/** As the stream and the SDK's low-level client show an item. */
export type RawItem = Readonly<Record<string, Attribute>>;

const GROUP = OUTBOX_TABLE.partitionKey.name;
const SEQUENCE = OUTBOX_TABLE.sortKey.name;

/** The same for the same key, and for no other. */
export const keyText = ({ group, sequence }: EventKey): string => `${sequence} ${group}`;

/** The key of an event's item in the log, and of its marker. */
export const keyItem = ({ group, sequence }: EventKey): Item => ({
  [GROUP]: { S: group },
  [SEQUENCE]: { N: String(sequence) },
});

/** The key of a group's head in the log. */
export const headKey = (group: string): Item => keyItem({ group, sequence: HEAD_SEQUENCE });

/** The key that an item of the log, or a marker, has; whatever it lacks is empty or not a number. */
export const keyOf = (item: RawItem): EventKey => ({
  group: item[GROUP]?.S ?? '',
  sequence: Number(item[SEQUENCE]?.N),
});

/**
 * The event's item in the log: `partitionkey`, `sequence`, `format`, `kind`, `id`, `source`, `type`, `event`,
 * `committedAt`, `expires` and, if known, `previousExpires`.
 */
export const recordItem = (event: NewEventRecord): Item => ({
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

/** The event of an item that the outbox wrote, as far as it was read: what is missing is empty. */
export const recordOf = (item: RawItem): EventRecord => ({
  ...summaryOf(item),
  body: item[OUTBOX_ATTRIBUTES.event]?.S ?? '',
  expires: secondsOf(item[OUTBOX_TABLE.timeToLiveAttribute]),
  previousExpires: secondsOf(item[OUTBOX_ATTRIBUTES.previousExpires]),
});

/** As `recordOf`, without what is large. */
export const summaryOf = (item: RawItem): EventSummary => ({
  ...keyOf(item),
  id: item[OUTBOX_ATTRIBUTES.id]?.S ?? '',
  source: item[OUTBOX_ATTRIBUTES.source]?.S ?? '',
  type: item[OUTBOX_ATTRIBUTES.type]?.S ?? '',
  committedAt: Number(item[OUTBOX_ATTRIBUTES.committedAt]?.N) as EpochMs,
});

/** Whether an operator has marked the place as empty for good. */
export const isTombstone = (item: RawItem): boolean => item[OUTBOX_ATTRIBUTES.kind]?.S === OUTBOX_KIND.tombstone;

const secondsOf = (attribute: Attribute | undefined): EpochSeconds | undefined =>
  attribute?.N === undefined ? undefined : (Number(attribute.N) as EpochSeconds);

/** What a JavaScript date can hold. */
const LATEST_INSTANT_MS = 8.64e15;

/**
 * Reads an event that is to be published, and trusts nothing; one that cannot be read comes back as `unpublishable`
 * with everything that is wrong with it, code `OUTBOX_RECORD_UNREADABLE`.
 */
export function readOutboxItem(item: RawItem): OutboxItem {
  const problems: string[] = [];
  const text = (attribute: string): string => {
    const value = item[attribute]?.S ?? '';
    if (value === '') {
      problems.push(`'${attribute}' must be a string that is not empty, got ${describe(item[attribute])}`);
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
  const body = text(OUTBOX_ATTRIBUTES.event);
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

/** NaN unless the attribute is a whole number that JavaScript holds exactly. */
function readNumber(attribute: Attribute | undefined): number {
  const value = Number(attribute?.N ?? Number.NaN);
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

/** A problem ends up in a log and on the marker: a long value would drown it. */
const SHOWN_MAX_LENGTH = 100;

function describe(attribute: Attribute | undefined): string {
  if (attribute === undefined) return 'nothing';
  if (attribute.S !== undefined) return `the string '${attribute.S.slice(0, SHOWN_MAX_LENGTH)}'`;
  if (attribute.N !== undefined) return `the number ${attribute.N}`;
  return `an attribute of type ${Object.keys(attribute).join(', ')}`;
}

/** Why an event can never be published as it is. */
export interface QuarantineNote {
  readonly code: string;
  readonly message: string;
  readonly at: EpochMs;
}

/** The marker of an event that is not published. */
export interface PendingMarker extends EventKey {
  readonly committedAt: EpochMs;
  /** Undefined while the event may still be published. */
  readonly quarantined: QuarantineNote | undefined;
}

/** The event's marker as its producer writes it. */
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
    // a marker that does not say when has waited for longer than anybody knows
    committedAt: Number(item[PENDING_ATTRIBUTES.committedAt]?.N ?? 0) as EpochMs,
    quarantined: note && {
      code: note.M?.['code']?.S ?? 'UNKNOWN',
      message: note.M?.['message']?.S ?? '',
      at: Number(note.M?.['at']?.N) as EpochMs,
    },
  };
}

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
