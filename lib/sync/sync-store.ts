import { ifUnchanged, type UnitOfWork } from '../outbox/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { Page, TenantTable } from '../tenancy/index.ts';
import { SyncFencedError, SyncRaceError } from './errors.ts';
import {
  type EntityVoices,
  type ItemRecord,
  NO_STATE,
  type Outgoing,
  type RunRecord,
  type ScopeKey,
  type ScopeState,
  type StoredRecord,
  type SubscriptionKey,
  type SyncAction,
} from './state.ts';
import {
  actionItem,
  actionPartition,
  entityItem,
  entityKey,
  itemPartition,
  matchItem,
  matchKey,
  outgoingItem,
  outgoingKey,
  parkedPartition,
  readAction,
  readEntity,
  readMatch,
  readOutgoing,
  readRecord,
  readRun,
  readRunItem,
  readScope,
  recordItem,
  recordKey,
  runItem,
  runItemItem,
  runPartition,
  type SyncItem,
  scopeItem,
  scopeKey,
  seenPartition,
} from './sync-item.ts';
import { SEEN_SHARDS, SYNC_INDEX, SYNC_TENANT_TABLE } from './table.ts';

/** Writes of one unit of work. Each is on condition that what it replaces is as it was read. */
export interface SyncWrites {
  /** @param before as it was read. Fails with `SYNC_FENCED` if another execution has written it since. */
  scope(key: ScopeKey, before: ScopeState, after: Omit<ScopeState, 'fence'>): void;
  /** Fails with `SYNC_RACE_LOST` if another execution has written it since. */
  record(key: SubscriptionKey, before: StoredRecord | undefined, after: Omit<StoredRecord, 'revision'>): void;
  /** Marks a record as seen by a full read, if it exists. */
  seen(key: SubscriptionKey, externalId: string, generation: number): void;
  /** Claims the key for the entity. Fails with `SYNC_RACE_LOST` if it is another's. */
  match(entity: string, key: string, localId: string): void;
  unmatch(entity: string, key: string, localId: string): void;
  /** Undefined deletes it. */
  entity(
    entity: string,
    localId: string,
    before: EntityVoices | undefined,
    after: Omit<EntityVoices, 'revision'> | undefined,
  ): void;
  /** Undefined deletes it. Fails with `SYNC_RACE_LOST` if another execution has written it since. */
  outgoing(
    key: SubscriptionKey,
    localId: string,
    before: Outgoing | undefined,
    after: Omit<Outgoing, 'revision'> | undefined,
  ): void;
  run(run: RunRecord): void;
  item(runId: string, item: ItemRecord, revision: number): void;
  /** @param token different for every call */
  action(key: SubscriptionKey, action: SyncAction, token: string): void;
}

/** All that syncs remember, of the current tenant. */
export interface SyncStore {
  readScope(key: ScopeKey): Promise<ScopeState>;
  readRecord(key: SubscriptionKey, externalId: string): Promise<StoredRecord | undefined>;
  /** By external id; records that do not exist are not in it. */
  readRecords(key: SubscriptionKey, externalIds: readonly string[]): Promise<ReadonlyMap<string, StoredRecord>>;
  /** The local id of the entity with the key. */
  readMatch(entity: string, key: string): Promise<string | undefined>;
  readEntity(entity: string, localId: string): Promise<EntityVoices | undefined>;
  /** What is being written to the provider. */
  readOutgoing(key: SubscriptionKey, localId: string): Promise<Outgoing | undefined>;
  /** Records that exist and that no full read since `generation` has seen. @param after `next` of the page before */
  unseen(key: SubscriptionKey, generation: number, after?: string): Promise<Page<StoredRecord>>;
  /** Parked records, the longest first. @param after `next` of the page before */
  parked(key: SubscriptionKey, after?: string): Promise<Page<StoredRecord>>;
  readRun(key: SubscriptionKey, runId: string): Promise<RunRecord | undefined>;
  /** The newest first. */
  runs(key: SubscriptionKey, after?: string): Promise<Page<RunRecord>>;
  items(runId: string, after?: string): Promise<Page<ItemRecord>>;
  /** What people did, the newest first. */
  actions(key: SubscriptionKey, after?: string): Promise<Page<SyncAction>>;
  within(tx: UnitOfWork): SyncWrites;
}

export interface SyncStoreOptions {
  /** A table of `SYNC_TENANT_TABLE` whose items `parseSyncItem` reads. */
  readonly table: TenantTable<SyncItem>;
  readonly clock: { now(): EpochMs };
}

const PAGE = 100;

export function createSyncStore({ table: given, clock }: SyncStoreOptions): SyncStore {
  // whatever schema it was opened with: a tenant must not see what is due for others
  const table = given.withSchema(SYNC_TENANT_TABLE);

  /** What an index finds may be older than the item. */
  const current = async (items: readonly SyncItem[]): Promise<readonly SyncItem[]> => {
    const found = await table.getBatch(items.map(({ id, part }) => ({ id, part })));
    return found.filter((item) => item !== undefined);
  };

  const query = async (request: Parameters<typeof table.query>[0]) => table.query({ limit: PAGE, ...request });

  return {
    async readScope(key) {
      const item = await table.get(scopeKey(key));
      return item === undefined ? NO_STATE : readScope(item);
    },

    async readRecord(key, externalId) {
      const item = await table.get(recordKey(key, externalId));
      return item && readRecord(item);
    },

    async readRecords(key, externalIds) {
      const distinct = [...new Set(externalIds)];
      const items = await table.getBatch(distinct.map((externalId) => recordKey(key, externalId)));
      const found = items.map((item) => item && readRecord(item));
      return new Map(found.flatMap((record) => (record === undefined ? [] : [[record.externalId, record]])));
    },

    async readMatch(entity, key) {
      const item = await table.get(matchKey(entity, key));
      return item && readMatch(item);
    },

    async readEntity(entity, localId) {
      const item = await table.get(entityKey(entity, localId));
      return item && readEntity(item);
    },

    async readOutgoing(key, localId) {
      const item = await table.get(outgoingKey(key, localId));
      return item && readOutgoing(item);
    },

    async unseen(key, generation, after) {
      const { shard, token } = readShardToken(after);
      const { items, next } = await query({
        indexName: SYNC_INDEX.bySeen,
        partition: seenPartition(key, shard),
        sortTo: generation - 1,
        ...(token !== undefined && { after: token }),
      });
      const records = (await current(items)).filter(({ seen }) => seen < generation).map(readRecord);
      const isLastShard = shard === SEEN_SHARDS - 1;
      return {
        items: records.filter(({ shadow }) => shadow?.isDeleted === false),
        next: next !== undefined ? shardToken(shard, next) : isLastShard ? undefined : shardToken(shard + 1),
      };
    },

    async parked(key, after) {
      const { items, next } = await query({
        indexName: SYNC_INDEX.byParked,
        partition: parkedPartition(key),
        ...(after !== undefined && { after }),
      });
      const parkedAts = new Map(items.map(({ id, parkedAt }) => [id, parkedAt]));
      const records = (await current(items)).filter(({ id, parkedAt }) => parkedAt === parkedAts.get(id));
      return { items: records.map(readRecord), next };
    },

    async readRun(key, runId) {
      const item = await table.get({ id: runPartition(key), part: runId });
      return item && readRun(item);
    },

    async runs(key, after) {
      const { items, next } = await query({
        partition: runPartition(key),
        newestFirst: true,
        ...(after !== undefined && { after }),
      });
      return { items: items.map(readRun), next };
    },

    async items(runId, after) {
      const { items, next } = await query({ partition: itemPartition(runId), ...(after !== undefined && { after }) });
      return { items: items.map(readRunItem), next };
    },

    async actions(key, after) {
      const { items, next } = await query({
        partition: actionPartition(key),
        newestFirst: true,
        ...(after !== undefined && { after }),
      });
      return { items: items.map(readAction), next };
    },

    within(tx) {
      const writes = table.within(tx);
      const lost = (what: string) => () => new SyncRaceError(what);

      return {
        scope(key, before, after) {
          writes.put({
            Item: scopeItem(key, { ...after, fence: before.fence + 1 }),
            ...ifUnchanged('revision', before.fence === 0 ? undefined : before.fence),
            refused: () => new SyncFencedError(`${key.sync}#${key.provider}`),
          });
        },
        record(key, before, after) {
          writes.put({
            Item: recordItem(key, { ...after, revision: (before?.revision ?? 0) + 1 }, clock.now()),
            ...ifUnchanged('revision', before?.revision),
            refused: lost('a record'),
          });
        },
        seen(key, externalId, generation) {
          writes.update({
            Key: recordKey(key, externalId),
            UpdateExpression: 'SET #seen = :seen',
            ConditionExpression: 'attribute_exists(#revision)',
            ExpressionAttributeNames: { '#seen': 'seen', '#revision': 'revision' },
            ExpressionAttributeValues: { ':seen': generation },
            refused: lost('a record'),
          });
        },
        match(entity, key, localId) {
          const item = matchItem(entity, key, localId);
          writes.put({
            Item: item,
            ConditionExpression: 'attribute_not_exists(#content) OR #content = :content',
            ExpressionAttributeNames: { '#content': 'content' },
            ExpressionAttributeValues: { ':content': item.content },
            refused: lost('a match'),
          });
        },
        unmatch(entity, key, localId) {
          writes.delete({
            Key: matchKey(entity, key),
            ConditionExpression: 'attribute_not_exists(#content) OR #content = :content',
            ExpressionAttributeNames: { '#content': 'content' },
            ExpressionAttributeValues: { ':content': matchItem(entity, key, localId).content },
            refused: lost('a match'),
          });
        },
        entity(entity, localId, before, after) {
          const condition = { ...ifUnchanged('revision', before?.revision), refused: lost('an entity') };
          if (after === undefined) {
            if (before !== undefined) writes.delete({ Key: entityKey(entity, localId), ...condition });
            return;
          }
          writes.put({
            Item: entityItem(entity, localId, { ...after, revision: (before?.revision ?? 0) + 1 }),
            ...condition,
          });
        },
        outgoing(key, localId, before, after) {
          const condition = { ...ifUnchanged('revision', before?.revision), refused: lost('what is being written') };
          if (after === undefined) writes.delete({ Key: outgoingKey(key, localId), ...condition });
          else {
            const revision = (before?.revision ?? 0) + 1;
            writes.put({ Item: outgoingItem(key, localId, { ...after, revision }, clock.now()), ...condition });
          }
        },
        run: (run) => writes.put({ Item: runItem(run, clock.now()) }),
        item: (runId, item, revision) => writes.put({ Item: runItemItem(runId, item, revision) }),
        action: (key, action, token) => writes.put({ Item: actionItem(key, action, token) }),
      };
    },
  };
}

interface ShardToken {
  readonly shard: number;
  readonly token: string | undefined;
}

const shardToken = (shard: number, token?: string): string => `${shard}:${token ?? ''}`;

function readShardToken(text: string | undefined): ShardToken {
  const [, shard = '0', token = ''] = /^(\d):(.*)$/.exec(text ?? '0:') ?? [];
  return { shard: Number(shard), token: token === '' ? undefined : token };
}
