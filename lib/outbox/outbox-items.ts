import {
  HEAD_SEQUENCE,
  OUTBOX_ATTRIBUTES,
  OUTBOX_KIND,
  OUTBOX_TABLE,
  PENDING_ATTRIBUTES,
  PENDING_TABLE,
} from '../contracts/index.ts';
import type { Item } from './item-size.ts';
import type { StoredEvent } from './ports.ts';

/** The event's item in the log. */
export const logItem = (event: StoredEvent): Item => ({
  [OUTBOX_TABLE.partitionKey.name]: { S: event.group },
  [OUTBOX_TABLE.sortKey.name]: { N: String(event.sequence) },
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

/** The event's marker: it is not published yet. */
export const pendingItem = (event: StoredEvent): Item => ({
  [PENDING_TABLE.partitionKey.name]: { S: event.group },
  [PENDING_TABLE.sortKey.name]: { N: String(event.sequence) },
  [PENDING_ATTRIBUTES.id]: { S: event.id },
  [PENDING_ATTRIBUTES.type]: { S: event.type },
  [PENDING_ATTRIBUTES.committedAt]: { N: String(event.committedAt) },
});

/** Key of an event in the log. */
export const eventKey = (group: string, sequence: number): Item => ({
  [OUTBOX_TABLE.partitionKey.name]: { S: group },
  [OUTBOX_TABLE.sortKey.name]: { N: String(sequence) },
});

/** Key of a group's head in the log. */
export const headKey = (group: string): Item => eventKey(group, HEAD_SEQUENCE);
