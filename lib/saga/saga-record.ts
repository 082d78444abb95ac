import { createHash } from 'node:crypto';
import { SAGA_STATUS_SHARDS, type SagaFailure } from '../definitions/index.ts';
import type { EventPrincipal } from '../event/index.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import { SagaItemError } from './errors.ts';
import type { SagaTransition } from './machine/decision.ts';
import { SAGA_STATUSES, type SagaState, type SagaStatus } from './machine/saga-state.ts';

/** A stored instance. */
export interface SagaRecord extends SagaState {
  readonly sagaId: string;
  /** Version of its declaration. */
  readonly version: number;
  /** The group of its timer events, without the tenant. */
  readonly group: string;
  readonly correlationId: string;
  /** Of the start event; absent if it names none, and in records of older releases. */
  readonly principal?: EventPrincipal;
  /** Hops of the start event. Events that it publishes have one more. */
  readonly hops: number;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly changedAt: string;
}

/** An instance in a list. It is written only when the status changes. */
export interface SagaListing {
  readonly sagaId: string;
  readonly status: SagaStatus;
  readonly version: number;
  readonly startedAt: string;
  /** When it entered this status. */
  readonly since: string;
  readonly failure?: SagaFailure;
}

/** One transition of an instance. */
export interface SagaHistoryEntry {
  readonly sagaId: string;
  readonly revision: number;
  /** RFC 3339. */
  readonly at: string;
  readonly transition: SagaTransition;
  readonly step?: string;
  /** The status after the transition. */
  readonly status: SagaStatus;
  readonly version: number;
  /** Present if the transition migrated the instance to `version`. */
  readonly migratedFrom?: number;
  /** The event that caused it; timers are events too. */
  readonly cause: { readonly id: string; readonly type: string; readonly time: string };
  /** Types of the events that it published. */
  readonly sent: readonly string[];
}

export type SagaItem =
  | { readonly kind: 'state'; readonly record: SagaRecord }
  | { readonly kind: 'listing'; readonly listing: SagaListing }
  | { readonly kind: 'history'; readonly entry: SagaHistoryEntry };

export const STATE_ITEM = 'state';
const LISTING_ITEM = 'listing';
export const HISTORY_PREFIX = 'history#';

/** Pads revisions so that entries sort as text. */
const REVISION_DIGITS = 8;

export const stateItem = (
  { abortRequested, ...record }: SagaRecord,
  expires: number | undefined,
): Record<string, unknown> => ({
  ...STORED_FORMAT,
  ...record,
  // the stored attribute keeps its original name
  ...(abortRequested === undefined ? {} : { abortAsked: abortRequested }),
  item: STATE_ITEM,
  expires,
});

export const listingItem = (listing: SagaListing, expires: number | undefined): Record<string, unknown> => ({
  ...STORED_FORMAT,
  ...listing,
  item: LISTING_ITEM,
  statusShard: statusShard(listing.status, shardOf(listing.sagaId)),
  expires,
});

/** A partition of the index that lists instances by their status. */
export const statusShard = (status: SagaStatus, shard: number): string => `${status}~${shard}`;

const shardOf = (sagaId: string): number =>
  createHash('sha256').update(sagaId).digest().readUInt8(0) % SAGA_STATUS_SHARDS;

export const historyItem = ({ transition, ...entry }: SagaHistoryEntry, expires: number): Record<string, unknown> => ({
  ...STORED_FORMAT,
  ...entry,
  // the stored attribute keeps its original name
  deed: transition,
  item: `${HISTORY_PREFIX}${String(entry.revision).padStart(REVISION_DIGITS, '0')}`,
  expires,
});

/** Attribute names in the table. */
interface StoredTransition {
  readonly deed: SagaTransition;
}
interface StoredAbort {
  readonly abortAsked?: string;
}

/** @throws SagaItemError `SAGA_ITEM_MALFORMED`, and `STORED_FORMAT_UNKNOWN` for an item of a newer release */
export function parseSagaItem(value: unknown): SagaItem {
  const given: Readonly<Record<string, unknown>> = { ...Object(value) };
  const { item, expires: _expires, listedStatus: _listed, statusShard: _shard, format: _format, ...content } = given;
  const name = `${String(given['sagaId'])} ${String(item)}`;
  assertStoredFormat(given, `saga item '${name}'`);
  if (typeof item !== 'string') throw new SagaItemError(name, "it has no 'item'");
  const needed: Readonly<Record<string, unknown>> = {
    sagaId: typeof content['sagaId'] === 'string',
    status: SAGA_STATUSES.some((status) => status === content['status']),
    version: Number.isSafeInteger(content['version']),
    ...(item === LISTING_ITEM ? {} : { revision: Number.isSafeInteger(content['revision']) }),
    ...(item === STATE_ITEM ? { steps: typeof content['steps'] === 'object' && content['steps'] !== null } : {}),
  };
  const wrong = Object.keys(needed).filter((member) => needed[member] !== true);
  if (wrong.length > 0) throw new SagaItemError(name, `its ${wrong.join(', ')} cannot be read`);
  const checked: unknown = content;
  if (item === STATE_ITEM) {
    const { abortAsked, ...record } = checked as SagaRecord & StoredAbort;
    const abort = abortAsked === undefined ? {} : { abortRequested: abortAsked };
    return { kind: 'state', record: { ...record, ...abort } };
  }
  if (item === LISTING_ITEM) return { kind: 'listing', listing: checked as SagaListing };
  if (item.startsWith(HISTORY_PREFIX)) {
    const { deed: transition, ...entry } = checked as Omit<SagaHistoryEntry, 'transition'> & StoredTransition;
    return { kind: 'history', entry: { ...entry, transition } };
  }
  throw new SagaItemError(name, "its 'item' must be state, listing or history");
}
