import { createHash } from 'node:crypto';
import { shown } from '../definitions/index.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import { addMs, type EpochMs, toEpochSeconds, toTimestamp } from '../shared/time.ts';
import { SyncItemError } from './errors.ts';
import type {
  EntityVoices,
  ItemRecord,
  Outgoing,
  RunRecord,
  ScopeKey,
  ScopeState,
  StoredRecord,
  SubscriptionKey,
  SyncAction,
} from './state.ts';
import { SEEN_SHARDS, SYNC_RETENTION_DAYS } from './table.ts';

export type SyncItemKey = { readonly id: string; readonly part: string };

/** An item of the sync table. The content is JSON text, which keeps all names and values of foreign rows. */
export interface SyncItem extends SyncItemKey {
  readonly content: unknown;
  readonly revision: number;
  readonly seen: number;
  readonly parkedAt: number | undefined;
  readonly dueAt: number | undefined;
}

const RETENTION_MS = SYNC_RETENTION_DAYS * 24 * 60 * 60 * 1000;

/** Ids that would make a key too long are hashed. A hash has 43 characters, so it is never the text of another id. */
const LONGEST_ID = 200;
const keyText = (text: string): string =>
  text.length <= LONGEST_ID && text.length !== 44 ? text : `#${createHash('sha256').update(text).digest('base64url')}`;

const subscriptionText = ({ sync, provider }: SubscriptionKey): string => `${sync}#${provider}`;

export const scopeKey = (key: ScopeKey): SyncItemKey => ({ id: `scope#${subscriptionText(key)}`, part: key.scope });

export const recordKey = (key: SubscriptionKey, externalId: string): SyncItemKey => ({
  id: `record#${subscriptionText(key)}#${keyText(externalId)}`,
  part: 'record',
});

export const matchKey = (entity: string, key: string): SyncItemKey => ({
  id: `match#${entity}#${keyText(key)}`,
  part: 'match',
});

export const entityKey = (entity: string, localId: string): SyncItemKey => ({
  id: `entity#${entity}#${keyText(localId)}`,
  part: 'entity',
});

export const outgoingKey = (key: SubscriptionKey, localId: string): SyncItemKey => ({
  id: `outgoing#${subscriptionText(key)}#${keyText(localId)}`,
  part: 'outgoing',
});

export const runPartition = (key: SubscriptionKey): string => `runs#${subscriptionText(key)}`;
export const actionPartition = (key: SubscriptionKey): string => `actions#${subscriptionText(key)}`;
export const itemPartition = (runId: string): string => `items#${runId}`;
export const parkedPartition = subscriptionText;

export const seenPartition = (key: SubscriptionKey, shard: number): string => `${subscriptionText(key)}~${shard}`;

const shardOf = (externalId: string): number =>
  createHash('sha256').update(externalId).digest().readUInt8(0) % SEEN_SHARDS;

const contentOf = (content: unknown): { readonly content: string } => ({ content: JSON.stringify(content) });

export const scopeItem = (key: ScopeKey, { fence, ...content }: ScopeState) => ({
  ...STORED_FORMAT,
  ...scopeKey(key),
  ...contentOf(content),
  revision: fence,
});

/**
 * Beside the keys: `content` with all but `seen` and `revision`; `seenShard` while the record exists at its provider;
 * `parkedOf` and `parkedAt` while it is parked; `expires` once it is deleted.
 */
export const recordItem = (key: SubscriptionKey, record: StoredRecord, now: EpochMs) => {
  const { seen, revision, parked, ...content } = record;
  const isGone = record.shadow?.isDeleted === true && parked === undefined;
  return {
    ...STORED_FORMAT,
    ...recordKey(key, record.externalId),
    ...contentOf({ ...content, parked }),
    revision,
    seen,
    ...(record.shadow?.isDeleted === false && { seenShard: seenPartition(key, shardOf(record.externalId)) }),
    ...(parked !== undefined && { parkedOf: parkedPartition(key), parkedAt: parked.at }),
    ...(isGone && { expires: expiresAfter(now) }),
  };
};

export const matchItem = (entity: string, key: string, localId: string) => ({
  ...STORED_FORMAT,
  ...matchKey(entity, key),
  ...contentOf({ localId }),
});

export const entityItem = (entity: string, localId: string, { revision, ...content }: EntityVoices) => ({
  ...STORED_FORMAT,
  ...entityKey(entity, localId),
  ...contentOf(content),
  revision,
});

export const outgoingItem = (
  key: SubscriptionKey,
  localId: string,
  { revision, ...content }: Outgoing,
  now: EpochMs,
) => ({
  ...STORED_FORMAT,
  ...outgoingKey(key, localId),
  ...contentOf(content),
  revision,
  expires: expiresAfter(now),
});

export const runItem = (run: RunRecord, now: EpochMs) => ({
  ...STORED_FORMAT,
  id: runPartition(run),
  part: run.runId,
  ...contentOf(run),
  expires: expiresAfter(now),
});

export const runItemItem = (runId: string, item: ItemRecord, revision: number) => ({
  ...STORED_FORMAT,
  id: itemPartition(runId),
  part: `${keyText(item.externalId)}#${revision}`,
  ...contentOf(item),
  expires: expiresAfter(item.at),
});

export const actionItem = (key: SubscriptionKey, action: SyncAction, token: string) => ({
  ...STORED_FORMAT,
  id: actionPartition(key),
  part: `${toTimestamp(action.at)}#${token}`,
  ...contentOf(action),
  expires: expiresAfter(action.at),
});

const expiresAfter = (now: EpochMs) => toEpochSeconds(addMs(now, RETENTION_MS));

/**
 * For `createTenantTable({ …, parse: parseSyncItem })`.
 * @throws SyncItemError `SYNC_ITEM_UNREADABLE`, and `STORED_FORMAT_UNKNOWN` for an item of a newer release
 */
export function parseSyncItem(item: unknown): SyncItem {
  const given: Readonly<Record<string, unknown>> = typeof item === 'object' ? { ...item } : {};
  const { id, part, content, revision = 0, seen = 0, parkedAt, dueAt } = given;
  if (typeof id !== 'string' || typeof part !== 'string' || typeof content !== 'string') {
    throw new SyncItemError(
      `id, part and content must be text, got ${shown(id)}, ${shown(part)} and ${shown(content)}`,
    );
  }
  assertStoredFormat(given, `sync item '${id}'`);
  return {
    id,
    part,
    content: parse(id, content),
    revision: Number(revision),
    seen: Number(seen),
    parkedAt: parkedAt === undefined ? undefined : Number(parkedAt),
    dueAt: dueAt === undefined ? undefined : Number(dueAt),
  };
}

function parse(id: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // without the parser's error, which quotes the text: it may be personal
    throw new SyncItemError(`content of '${id}' must be JSON, got ${text.length} characters`);
  }
}

// what this release has written has this form: the format is checked above

export const readScope = ({ content, revision }: SyncItem): ScopeState => ({
  ...(content as Omit<ScopeState, 'fence'>),
  fence: revision,
});

export const readRecord = ({ content, revision, seen }: SyncItem): StoredRecord => ({
  ...(content as Omit<StoredRecord, 'revision' | 'seen'>),
  revision,
  seen,
});

export const readMatch = ({ content }: SyncItem): string => (content as { readonly localId: string }).localId;

export const readEntity = ({ content, revision }: SyncItem): EntityVoices => ({
  ...(content as Omit<EntityVoices, 'revision'>),
  revision,
});

export const readOutgoing = ({ content, revision }: SyncItem): Outgoing => ({
  ...(content as Omit<Outgoing, 'revision'>),
  revision,
});

export const readRun = ({ content }: SyncItem): RunRecord => content as RunRecord;
export const readAction = ({ content }: SyncItem): SyncAction => content as SyncAction;
export const readRunItem = ({ content }: SyncItem): ItemRecord => content as ItemRecord;
