import { OUTBOX_ATTRIBUTES, OUTBOX_KIND, OUTBOX_TABLE } from '../contracts/index.ts';
import type { EpochMs } from '../shared/time.ts';

interface Attribute {
  readonly S?: string | undefined;
  readonly N?: string | undefined;
}

/** As the stream and the SDK's low-level client show an item. */
export type RawItem = Readonly<Record<string, Attribute>>;

/** An event as the outbox log holds it. */
export interface OutboxEvent {
  readonly group: string;
  readonly sequence: number;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The serialized CloudEvent; whoever carries it never looks inside. */
  readonly event: string;
  readonly committedAt: EpochMs;
}

/** What stands where an event is expected. */
export type OutboxItem =
  | { readonly kind: 'event'; readonly event: OutboxEvent }
  | {
      readonly kind: 'unpublishable';
      /** Undefined when not even the key can be read; then no marker can be meant. */
      readonly key: Pick<OutboxEvent, 'group' | 'sequence'> | undefined;
      readonly reason: { readonly code: string; readonly message: string };
    };

/** What a JavaScript date can hold. */
const LATEST_INSTANT_MS = 8.64e15;

/**
 * Reads an event from its item; one that cannot be read comes back as `unpublishable` with everything that is wrong
 * with it, code `OUTBOX_RECORD_UNREADABLE`.
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
  const event = text(OUTBOX_ATTRIBUTES.event);
  if (key === undefined || problems.length > 0) {
    return { kind: 'unpublishable', key, reason: { code: 'OUTBOX_RECORD_UNREADABLE', message: problems.join('; ') } };
  }
  return { kind: 'event', event: { ...key, id, source, type, event, committedAt: committedAt as EpochMs } };
}

function readKey(item: RawItem, problems: string[]): Pick<OutboxEvent, 'group' | 'sequence'> | undefined {
  const { partitionKey, sortKey } = OUTBOX_TABLE;
  const group = item[partitionKey.name]?.S ?? '';
  const sequence = readNumber(item[sortKey.name]);
  if (group !== '' && sequence >= 1) return { group, sequence };
  problems.push(
    `the key must be '${partitionKey.name}' (a string) and '${sortKey.name}' (a whole number from 1), ` +
      `got ${describe(item[partitionKey.name])} and ${describe(item[sortKey.name])}`,
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
