import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { SubscriptionHandlers } from '../../../lib/consumer/index.ts';
import {
  defineEvent,
  defineSync,
  detect,
  type SyncDefinition,
  type TenancyMode,
} from '../../../lib/definitions/index.ts';
import { causedBy, parseEvent } from '../../../lib/event/index.ts';
import { createOutbox, type OutboxStore, type UnitOfWork } from '../../../lib/outbox/index.ts';
import type { GuardedWrite } from '../../../lib/outbox/ports.ts';
import { memberOf } from '../../../lib/shared/thrown.ts';
import { createSync, type EntityOf, type ProviderOf, type SyncOptions } from '../../../lib/sync/create-sync.ts';
import { type CarriedChange, type SyncRequest, syncChanged, syncRequested } from '../../../lib/sync/events.ts';
import type { SyncOutbound } from '../../../lib/sync/outbound-definition.ts';
import type { AppliedChange, ChangeSource, ProviderWriter, SyncSink } from '../../../lib/sync/ports.ts';
import { parseSyncItem, type SyncItem } from '../../../lib/sync/sync-item.ts';
import { SYNC_TABLE } from '../../../lib/sync/table.ts';
import { createTenancy, createTenantTable } from '../../../lib/tenancy/index.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { createInMemoryTables, createSilentLogger } from '../../../lib/testing/index.ts';
import { createMemorySource } from '../../../lib/testing/memory-source.ts';
import { syncHistory } from '../../../lib/testing/sync-history.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';

/** 2026-11-20T06:00:00.000Z, when the clock of a rig begins. */
export const NOW = 1_795_154_400_000;

/** A literal so many seconds before NOW. */
export const ago = (seconds: number, fraction = ''): string =>
  new Date(NOW - seconds * 1000).toISOString().replace('.000Z', `${fraction}Z`);

export const rowSchema = z.object({ SKU: z.string(), NAME: z.string(), NET: z.number(), MODIFIED: z.string() });
export type Row = z.infer<typeof rowSchema>;

export const product = z.object({ sku: z.string(), name: z.string(), price: z.number() });
export type Product = z.infer<typeof product>;

export const mapping = {
  sku: 'SKU',
  name: 'NAME',
  price: (row: Row) => Math.round(row.NET * 100),
} as const;

/** One supplier, with a timestamp cursor. */
export const productSync = defineSync({
  name: 'products',
  entity: 'product',
  schema: product,
  providers: {
    supplier: detect({
      schema: rowSchema,
      id: 'SKU',
      cursor: { kind: 'timestamp', field: 'MODIFIED', lagSeconds: 120, overlapSeconds: 600 },
      deletes: { kind: 'reconcile', everyHours: 24 },
      mapping,
    }),
  },
});

export const row = (sku: string, modified: string, more: Partial<Row> = {}): Row => ({
  SKU: sku,
  NAME: `Lamp ${sku}`,
  NET: 1,
  MODIFIED: modified,
  ...more,
});

export const ProductChanged = defineEvent({
  type: 'com.example.product.changed',
  source: '/products',
  version: 1,
  schema: z.object({
    localId: z.string(),
    externalId: z.string(),
    kind: z.string(),
    version: z.unknown().optional(),
    origin: z.string(),
  }),
  group: ({ localId }) => `product#${localId}`,
});

/** A change by the service itself. */
export const ProductEdited = defineEvent({
  type: 'com.example.product.edited',
  source: '/products',
  version: 1,
  schema: z.object({ localId: z.string() }),
  group: ({ localId }) => `product#${localId}`,
});

const PRODUCTS_TABLE = { partitionKey: { name: 'localId', type: 'S' } } as const;
const INBOX = { partitionKey: { name: 'id', type: 'S' } } as const;

/** The process has ended: nothing of it reaches the tables any more. */
class Crash extends Error {}

export interface RigOptions<Definition extends SyncDefinition> {
  readonly sources: Readonly<Record<ProviderOf<Definition>, ChangeSource>>;
  readonly tenancy?: TenancyMode;
  readonly sliceMs?: number;
  /** Thrown by the sink for a change. */
  readonly refuse?: (change: AppliedChange<Product>) => Error | undefined;
  readonly match?: SyncSink<Product>['match'];
  readonly changedAt?: SyncSink<Product>['changedAt'];
  readonly newId?: SyncSink<Product>['newId'];
  /** Changes what is committed, or what is read of the sync's table: a planted fault. */
  readonly planted?: PlantedInStore | undefined;
  /** Awaited before an entity is read. */
  readonly onFind?: () => Promise<void>;
  /** What is written to a provider. */
  readonly outbound?: { readonly to: SyncOutbound; readonly writer: ProviderWriter<Product> };
}

export interface PlantedInStore {
  readonly write?: (write: TransactWriteItem) => TransactWriteItem;
  readonly read?: (item: SyncItem) => SyncItem | undefined;
}

export type Delivery = 'handled' | 'deferred' | 'failed' | 'crashed' | 'duplicate';

/** A sync over memory, with a consumer that takes the events of each group in order, each once. */
export function createSyncRig<Definition extends SyncDefinition>(
  definition: Definition,
  options: RigOptions<Definition>,
) {
  const clock = createTestClock();
  const tables = createInMemoryTables({ sync: SYNC_TABLE, products: PRODUCTS_TABLE, inbox: INBOX });
  const memory = createInMemoryOutboxStore({ tables });
  const tableStore = createInMemoryTableStore(tables);
  const tenancy = createTenancy({ mode: options.tenancy ?? 'none', audit: { crossTenantWork: () => undefined } });
  const counted: Record<string, number> = {};
  let crashIn: number | undefined;
  let crashAfter = false;
  let isDead = false;
  let reads = 0;
  const crashing: OutboxStore = {
    readHeads: memory.readHeads,
    async commit(given) {
      const planted = options.planted?.write;
      const commit = planted === undefined ? given : { ...given, writes: given.writes.map(planted) };
      if (isDead) throw new Crash('the process has ended');
      if (crashIn !== undefined && crashIn-- === 0) {
        isDead = true;
        if (crashAfter) await memory.commit(commit);
        throw new Crash('the process ends here');
      }
      return memory.commit(commit);
    },
  };
  const ids = createCountingIds();
  const outbox = createOutbox({
    ...{ store: crashing, clock, ids, tenancy },
    sleep: async () => undefined,
    random: () => 0,
    retentionSeconds: 3600,
  });
  const table = <Item>(
    name: string,
    schema: typeof SYNC_TABLE | typeof PRODUCTS_TABLE,
    parse: (item: unknown) => Item,
  ) => createTenantTable({ store: tableStore, outbox, tenancy, tableName: name, schema, parse });
  const syncTable = table('sync', SYNC_TABLE, (item) => {
    reads++;
    const parsed = parseSyncItem(item);
    // undefined is read as an item that does not exist
    return (options.planted?.read === undefined ? parsed : options.planted.read(parsed)) as SyncItem;
  });
  const products = table(
    'products',
    PRODUCTS_TABLE,
    (item) => item as { readonly localId: string; readonly entity: Product },
  );
  const applied: AppliedChange<Product>[] = [];

  const sink: SyncSink<Product> = {
    async find(localId) {
      const found = await products.get({ localId });
      await options.onFind?.();
      return found?.entity;
    },
    ...(options.match !== undefined && { match: options.match }),
    ...(options.changedAt !== undefined && { changedAt: options.changedAt }),
    ...(options.newId !== undefined && { newId: options.newId }),
    collect(tx: UnitOfWork, change) {
      const refusal = options.refuse?.(change);
      if (refusal !== undefined) throw refusal;
      const { localId, entity, kind, externalId, version, origin } = change;
      if (kind === 'deleted') products.within(tx).delete({ Key: { localId } });
      else products.within(tx).put({ Item: { localId, entity } });
      tx.publish(ProductChanged, { localId, externalId, kind, version, origin });
      applied.push(change);
    },
  };
  const count = (name: string) => {
    counted[name] = (counted[name] ?? 0) + 1;
  };
  const sync = createSync(definition, {
    sources: options.sources,
    sink: sink as unknown as SyncSink<EntityOf<Definition>>,
    ...{ outbox, clock, table: syncTable },
    newToken: ids.newToken,
    logger: createSilentLogger('sync'),
    metrics: { addMetric: count } as unknown as SyncOptions<Definition>['metrics'],
    ...(options.sliceMs !== undefined && { sliceMs: options.sliceMs }),
  });
  const handled = new Set<string>();
  const { outbound } = options;
  const outgoing =
    outbound && sync.outbound(outbound.to, outbound.writer as unknown as ProviderWriter<EntityOf<Definition>>);
  const served: SubscriptionHandlers['handlers'] = { ...sync.handlers.handlers, ...outgoing?.handlers };
  const ours = new Set(Object.keys(served));

  /** The next event of each group. */
  const due = () => {
    const heads = new Map<string, ReturnType<typeof parseEvent>>();
    for (const { body } of memory.events) {
      const event = parseEvent(body);
      if (ours.has(event.type) && !handled.has(event.id) && !heads.has(event.partitionkey))
        heads.set(event.partitionkey, event);
    }
    return [...heads.values()];
  };

  const deliver = async (
    event: ReturnType<typeof parseEvent>,
    signal = new AbortController().signal,
  ): Promise<Delivery> => {
    const handler = served[event.type];
    if (handler === undefined) throw new Error(`no handler for ${event.type}`);
    const following: (() => void | Promise<void>)[] = [];
    const inbox: GuardedWrite = {
      write: {
        Put: {
          TableName: 'inbox',
          Item: { id: { S: event.id } },
          ConditionExpression: 'attribute_not_exists(id)',
        },
      },
      refused: () => new Error('DUPLICATE'),
    };
    const context = (tx: UnitOfWork) => ({
      tx,
      signal,
      idempotencyKey: `consumer/${event.source}/${event.id}`,
      afterCommit: (action: () => void | Promise<void>) => void following.push(action),
    });
    isDead = false;
    try {
      await tenancy.runAsTenant(event.tenantid, () =>
        outbox.transact((tx) => handler(event as never, context(tx) as never), causedBy(event), [inbox]),
      );
      handled.add(event.id);
      for (const action of following) await action();
      return 'handled';
    } catch (error) {
      rig.lastError = error;
      if (error instanceof Crash || isDead) {
        isDead = false;
        crashIn = undefined;
        return 'crashed';
      }
      if (error instanceof Error && error.message === 'DUPLICATE') {
        handled.add(event.id);
        return 'duplicate';
      }
      if (memberOf(error, 'disposition') === 'lost-race') return 'deferred';
      if (memberOf(error, 'disposition') !== 'defer') return 'failed';
      rig.waits.push(Number(memberOf(error, 'retryAfterSeconds')));
      return 'deferred';
    }
  };

  const rig = {
    ...{ clock, tables, tenancy, outbox, sync, products, applied, counted, deliver, due, memory },
    ...syncHistory(sync),
    lastError: undefined as unknown,
    /** What deferrals asked for, in seconds. */
    waits: [] as number[],
    /** Reads of items of the sync's table. */
    get reads() {
      return reads;
    },
    /** The event that is due. */
    next() {
      const [event] = due();
      if (event === undefined) throw new Error('no event is due');
      return event;
    },
    /** @param commits ends the process at the commit after so many; `after` it was applied */
    crash(commits: number, after = false) {
      crashIn = commits;
      crashAfter = after;
    },
    async request(request: Partial<SyncRequest> = {}, tenantId?: string) {
      const data: SyncRequest = {
        provider: Object.keys(definition.providers)[0] ?? '',
        mode: 'increment',
        trigger: 'manual',
        ...request,
      };
      await outbox.transact(
        (tx) => tx.publish(syncRequested(definition), data),
        tenantId === undefined ? {} : { tenantId },
      );
    },
    async carry(change: CarriedChange['change'], more: Partial<CarriedChange> = {}) {
      const data: CarriedChange = {
        provider: Object.keys(definition.providers)[0] ?? '',
        trigger: 'webhook',
        change,
        ...more,
      };
      await outbox.transact((tx) => tx.publish(syncChanged(definition), data));
    },
    /** An operator skips the event. */
    forget: ({ id }: { readonly id: string }) => void handled.add(id),
    /** The service changes an entity, or deletes it. */
    async edit(localId: string, entity: Product | undefined) {
      await outbox.transact((tx) => {
        if (entity === undefined) products.within(tx).delete({ Key: { localId } });
        else products.within(tx).put({ Item: { localId, entity } });
        tx.publish(ProductEdited, { localId });
      });
    },
    /** Delivers until nothing is due. A deferred event waits as long as it asked for. */
    async drain(most = 200): Promise<readonly Delivery[]> {
      const deliveries: Delivery[] = [];
      for (let events = due(); events.length > 0; events = due()) {
        for (const event of events) {
          const delivery = await deliver(event);
          deliveries.push(delivery);
          if (delivery === 'deferred') clock.advance((rig.waits.at(-1) ?? 1) * 1000);
          // a crashed execution is received again once its message is visible
          if (delivery === 'crashed') clock.advance(90_000);
          if (delivery === 'failed') throw rig.lastError;
        }
        if (deliveries.length > most)
          throw new Error(`no end after ${deliveries.length} deliveries: ${deliveries.slice(-5)}`);
      }
      return deliveries;
    },
    /** A run, to its end. */
    async run(request: Partial<SyncRequest> = {}) {
      await rig.request(request);
      const { id } = parseEvent(memory.events.at(-1)?.body ?? '');
      await rig.drain();
      const provider = request.provider ?? Object.keys(definition.providers)[0] ?? '';
      const runs = await rig.runsOf({ sync: definition.name, provider });
      return runs.find(({ runId }) => runId === id) ?? runs.at(-1);
    },
    /** The entities, by the id at their provider. */
    catalog(): readonly Product[] {
      return tables
        .items('products')
        .map((item) => item.entity?.M)
        .map((entity) => ({ sku: entity?.sku?.S ?? '', name: entity?.name?.S ?? '', price: Number(entity?.price?.N) }))
        .toSorted((a, b) => (a.sku < b.sku ? -1 : 1));
    },
    /** What the sink has published, in its order. */
    published(): readonly z.infer<typeof ProductChanged.schema>[] {
      return memory.events
        .map(({ body }) => parseEvent(body))
        .filter(({ type }) => type === ProductChanged.type)
        .map(({ data }) => ProductChanged.schema.parse(data));
    },
    /** The same, as `kind sku`. */
    changes: (): readonly string[] => rig.published().map(({ kind, externalId }) => `${kind} ${externalId}`),
  };
  return rig;
}

export const supplierOf = (pageSize = 100) =>
  createMemorySource<Row>({ label: 'supplier', id: 'SKU', field: 'MODIFIED', pageSize });
