import { randomBytes, randomUUID } from 'node:crypto';
import { causedBy, createEventIds, parseEvent } from '../../lib/event/index.ts';
import { createOutbox, type OutboxCommit, type OutboxStore } from '../../lib/outbox/index.ts';
import { itemBytes, writeUnits } from '../../lib/outbox/item-size.ts';
import { type EpochMs, systemClock } from '../../lib/shared/time.ts';
import { syncRequested } from '../../lib/sync/events.ts';
import { createSync, parseSyncItem, SYNC_TABLE } from '../../lib/sync/index.ts';
import type { ChangeSource } from '../../lib/sync/ports.ts';
import { createTenancy, createTenantTable, type TableStore } from '../../lib/tenancy/index.ts';
import { createInMemoryTableStore } from '../../lib/testing/in-memory-table-store.ts';
import { createInMemoryTables, createSilentLogger, createSilentMetrics } from '../../lib/testing/index.ts';
import { type Product, ProductChanged, productSync, type Row } from '../../test/lib/sync/sync-rig.ts';

export const PAGE = 100;
const PRODUCTS = { partitionKey: { name: 'localId', type: 'S' } } as const;
/** An item of up to 4 KB, read with strong consistency. */
const READ_UNIT_BYTES = 4096;
/** A write that is part of a transaction costs twice. */
const IN_TRANSACTION = 2;

/** What DynamoDB would bill, without indexes. */
export interface Units {
  read: number;
  /** Of the sync's own table. */
  syncWrites: number;
  /** Of the sink's table, and of its events with their markers. */
  sinkWrites: number;
}

export interface BenchSync {
  readonly units: Units;
  /** Pages that the source was asked for. */
  readonly pagesRead: () => number;
  readonly applied: () => number;
  /** A run to its end. @param killEvery the process ends at every so many commits */
  run(mode: 'increment' | 'backfill', killEvery?: number, onSlice?: (slices: number) => Promise<void>): Promise<number>;
  /** Each row is written as it comes, known or not. */
  upsertAll(): Promise<void>;
}

class Kill extends Error {}

const IDS = { ...createEventIds(systemClock, randomBytes), newToken: randomUUID };

/**
 * A sync of `records` rows over tables in memory.
 * @param rowOf the row of a number, as the provider has it now
 */
export function createBenchSync(records: number, rowOf: (index: number) => Row, isForgetful = false): BenchSync {
  const units: Units = { read: 0, syncWrites: 0, sinkWrites: 0 };
  const tables = createInMemoryTables({ sync: SYNC_TABLE, products: PRODUCTS });
  const memory = createInMemoryTableStore(tables);
  const heads = new Map<string, number>();
  let queue: ReturnType<typeof parseEvent>[] = [];
  let commitsLeft = Number.POSITIVE_INFINITY;
  let pages = 0;
  let applied = 0;

  const reading = <Item extends Parameters<typeof itemBytes>[0] | undefined>(item: Item): Item => {
    units.read += item === undefined ? 1 : Math.ceil(itemBytes(item) / READ_UNIT_BYTES);
    return item;
  };
  const store: TableStore = {
    ...memory,
    get: async (...args) => reading(await memory.get(...args)),
    getBatch: async (...args) => (await memory.getBatch(...args)).map(reading),
  };
  const count = ({ writes, heads: moves, events }: OutboxCommit) => {
    for (const { Put, Update, Delete } of writes) {
      const name = (Put ?? Update ?? Delete)?.TableName;
      const size = Put?.Item === undefined ? 1 : writeUnits(itemBytes(Put.Item));
      if (name === 'sync') units.syncWrites += IN_TRANSACTION * size;
      else units.sinkWrites += IN_TRANSACTION * size;
    }
    // a head, the event and its marker
    const sent = events.filter(({ body }) => parseEvent(body).type === ProductChanged.type).length;
    units.sinkWrites += IN_TRANSACTION * (sent * 2 + (sent > 0 ? moves.length : 0));
  };
  const outboxStore: OutboxStore = {
    readHeads: async (groups) => new Map(groups.map((group) => [group, { last: heads.get(group) ?? 0 }])),
    async commit(commit) {
      if (commitsLeft-- <= 0) throw new Kill();
      const refused = tables.firstRefused(commit.writes);
      if (refused !== undefined) return { kind: 'condition-failed', index: refused.index, item: refused.item };
      // a forgetful table keeps what a run needs to go on, and no records
      tables.apply(
        isForgetful ? commit.writes.filter(({ Put }) => Put?.Item?.['id']?.S?.startsWith('scope#')) : commit.writes,
      );
      count(commit);
      for (const { group, to } of isForgetful ? [] : commit.heads) heads.set(group, to);
      for (const { body } of commit.events) {
        const event = parseEvent(body);
        if (event.type === ProductChanged.type) applied++;
        else queue.push(event);
      }
      return { kind: 'committed' };
    },
  };
  const tenancy = createTenancy({ mode: 'none', audit: { crossTenantWork: () => undefined } });
  const outbox = createOutbox({
    ...{ store: outboxStore, clock: systemClock, ids: IDS, tenancy },
    sleep: async () => undefined,
    random: Math.random,
    retentionSeconds: 3600,
  });
  const table = <Item>(name: string, schema: typeof SYNC_TABLE | typeof PRODUCTS, parse: (item: unknown) => Item) =>
    createTenantTable({ store, outbox, tenancy, tableName: name, schema, parse });
  const products = table(
    'products',
    PRODUCTS,
    (item) => item as { readonly localId: string; readonly entity: Product },
  );

  const pagesFrom = async function* (start: number) {
    for (let next = start; ; next += PAGE) {
      pages++;
      const rows = Array.from({ length: Math.min(PAGE, records - next) }, (_, index) => rowOf(next + index));
      const changes = rows.map((raw) => ({ kind: 'upsert', externalId: raw.SKU, raw, complete: true }) as const);
      const last = next + PAGE >= records;
      yield { changes, last, ...(!last && { cursor: String(next + PAGE) }) };
      if (last) return;
    }
  };
  const source: ChangeSource = {
    label: 'bench',
    pages: ({ after }) => pagesFrom(after?.id === undefined ? 0 : Number(after.id) + 1),
    enumerate: ({ after }) => pagesFrom(Number(after?.page ?? 0)),
    get: async (externalId) => ({ kind: 'upsert', externalId, raw: rowOf(Number(externalId)), complete: true }),
  };
  let time = systemClock.now() as number;
  const sync = createSync(productSync, {
    sources: { supplier: source },
    sink: {
      find: async (localId) => (await products.get({ localId }))?.entity,
      collect(tx, { localId, entity, kind, externalId, version, origin }) {
        products.within(tx).put({ Item: { localId, entity } });
        tx.publish(ProductChanged, { localId, externalId, kind, version, origin });
      },
    },
    table: table('sync', SYNC_TABLE, parseSyncItem),
    ...{ outbox, clock: { now: () => time as EpochMs }, newToken: () => String(Math.random()) },
    logger: createSilentLogger('bench'),
    metrics: createSilentMetrics('bench'),
    sliceMs: 0,
  });

  return {
    units,
    pagesRead: () => pages,
    applied: () => applied,
    async run(mode, killEvery = Number.POSITIVE_INFINITY, onSlice = async () => undefined) {
      let kills = 0;
      let slices = 0;
      await outbox.transact((tx) =>
        tx.publish(syncRequested(productSync), { provider: 'supplier', mode, trigger: 'manual' }),
      );
      for (let event = queue[0]; event !== undefined; event = queue[0]) {
        const handler = sync.handlers.handlers[event.type];
        const context = (tx: unknown) => ({ tx, signal: new AbortController().signal, afterCommit: () => undefined });
        commitsLeft = slices % 2 === 0 ? killEvery : Number.POSITIVE_INFINITY;
        const current = event;
        try {
          await outbox.transact((tx) => handler?.(current as never, context(tx) as never), causedBy(current));
          queue = queue.slice(1);
        } catch (error) {
          if (!(error instanceof Kill)) throw error;
          kills++;
          // the lease of the process that ended
          time += 90_001;
        }
        commitsLeft = Number.POSITIVE_INFINITY;
        await onSlice(++slices);
      }
      return kills;
    },
    async upsertAll() {
      for (let index = 0; index < records; index++) {
        const { SKU, NAME, NET } = rowOf(index);
        await products.put({ Item: { localId: SKU, entity: { sku: SKU, name: NAME, price: NET * 100 } } });
      }
    },
  };
}
