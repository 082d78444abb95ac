import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OUTBOX_TABLE, PENDING_TABLE } from '../../../lib/definitions/index.ts';
import { createDynamoDbOutboxStore, createOutbox, type Outbox } from '../../../lib/outbox/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { NO_COUNTS, NO_STATE, type RunRecord, type ScopeState, type StoredRecord } from '../../../lib/sync/state.ts';
import { parseSyncItem } from '../../../lib/sync/sync-item.ts';
import { createSyncStore, type SyncStore, type SyncWrites } from '../../../lib/sync/sync-store.ts';
import { SYNC_TABLE } from '../../../lib/sync/table.ts';
import {
  createDynamoDbTableStore,
  createTenancy,
  createTenantTable,
  type Tenancy,
} from '../../../lib/tenancy/index.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { createTestOutbox } from '../../fixtures/outbox.ts';

const KEY = { sync: 'products', provider: 'supplier' };
const SCOPE = { ...KEY, scope: 'increment' } as const;
const AT = 1_795_154_400_000 as EpochMs;

const record = (externalId: string, more: Partial<StoredRecord> = {}): Omit<StoredRecord, 'revision'> => ({
  externalId,
  shadow: {
    localId: `local-${externalId}`,
    version: '2026-11-20T05:00:00.123456Z',
    hash: 'h',
    fields: { sku: externalId, constructor: 1, price: 1.5, tags: ['a', null] },
    changedAt: AT,
    isDeleted: false,
    prints: [{ hash: 'p', values: { price: 2 }, fields: ['price'], over: 'h', at: AT, until: AT }],
  },
  row: undefined,
  matchKey: externalId,
  parked: undefined,
  seen: 1,
  ...more,
});

const parkedAt = (at: number): StoredRecord['parked'] => ({
  code: 'SYNC_ROW_INVALID',
  message: 'NET: expected number',
  at: at as EpochMs,
  attempts: 1,
  triedIn: 'run-1',
  change: undefined,
});

const run = (runId: string): RunRecord => ({
  ...KEY,
  runId,
  mode: 'increment',
  trigger: 'schedule',
  actor: undefined,
  approvedBy: undefined,
  status: 'running',
  startedAt: AT,
  endedAt: undefined,
  slice: 1,
  counts: NO_COUNTS,
  reason: undefined,
});

/** As JSON keeps it: without undefined members. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

interface Rig {
  readonly store: SyncStore;
  readonly outbox: Outbox;
  readonly tenancy: Tenancy;
  /** Lets indexes see every write up to now. */
  catchUp(): Promise<void>;
}

function describeSyncStore(adapter: string, open: () => Promise<Rig>): void {
  describe(`SyncStore contract: ${adapter}`, () => {
    const rigOf = async (tenant = 'acme') => {
      const rig = await open();
      const as = <Value>(work: () => Promise<Value>, who = tenant) => rig.tenancy.runAsTenant(who, work);
      const write = (collect: (writes: SyncWrites) => void, who = tenant) =>
        as(async () => {
          await rig.outbox.transact((tx) => collect(rig.store.within(tx)));
        }, who);
      return { ...rig, as, write };
    };

    it('keeps a scope, and refuses what was decided on an older one', async () => {
      const { store, as, write } = await rigOf();
      const { fence: _none, ...first } = {
        ...NO_STATE,
        position: { value: 'v', id: '1' },
        generation: 2,
      } satisfies ScopeState;
      await write((writes) => writes.scope(SCOPE, NO_STATE, first));

      const read = await as(() => store.readScope(SCOPE));
      expect(plain(read)).toStrictEqual(plain({ ...first, fence: 1 }));
      await write((writes) => writes.scope(SCOPE, read, { ...read, generation: 3 }));
      await expect(write((writes) => writes.scope(SCOPE, read, { ...read, generation: 9 }))).rejects.toMatchObject({
        code: 'SYNC_FENCED',
      });
      await expect(write((writes) => writes.scope(SCOPE, NO_STATE, first))).rejects.toMatchObject({
        code: 'SYNC_FENCED',
      });
      expect(await as(() => store.readScope(SCOPE))).toMatchObject({ fence: 2, generation: 3 });
      expect(await as(() => store.readScope({ ...SCOPE, scope: 'full' }))).toStrictEqual(NO_STATE);
    });

    it('keeps records with all names and values, on condition of their revision', async () => {
      const { store, as, write } = await rigOf();
      await write((writes) => writes.record(KEY, undefined, record('1')));

      const read = await as(() => store.readRecord(KEY, '1'));
      expect(plain(read)).toStrictEqual(plain({ ...record('1'), revision: 1 }));
      await expect(write((writes) => writes.record(KEY, undefined, record('1')))).rejects.toMatchObject({
        code: 'SYNC_RACE_LOST',
      });
      await write((writes) => writes.record(KEY, read, record('1', { seen: 4 })));
      await expect(write((writes) => writes.record(KEY, read, record('1')))).rejects.toMatchObject({
        code: 'SYNC_RACE_LOST',
      });
      expect(await as(() => store.readRecord(KEY, '1'))).toMatchObject({ seen: 4, revision: 2 });
    });

    it('reads many records at once, each id once, long ones too', async () => {
      const { store, as, write } = await rigOf();
      const long = 'x'.repeat(3000);
      const ids = [...Array.from({ length: 120 }, (_, index) => `r${index}`), long];
      for (const id of ids) await write((writes) => writes.record(KEY, undefined, record(id)));

      const found = await as(() => store.readRecords(KEY, [...ids, 'r1', 'absent']));

      expect([...found.keys()].toSorted()).toStrictEqual(ids.toSorted());
      expect(found.get(long)?.externalId).toBe(long);
    });

    it('finds what a full read has not seen, without what is deleted', async () => {
      const { store, as, write, catchUp } = await rigOf();
      const deleted = record('gone');
      await write((writes) => {
        for (let index = 0; index < 20; index++) writes.record(KEY, undefined, record(`r${index}`));
        writes.record(KEY, undefined, { ...deleted, shadow: deleted.shadow && { ...deleted.shadow, isDeleted: true } });
      });
      await write((writes) => {
        for (let index = 0; index < 17; index++) writes.seen(KEY, `r${index}`, 2);
      });
      await catchUp();

      const unseen: string[] = [];
      let after: string | undefined;
      do {
        const page = await as(() => store.unseen(KEY, 2, after));
        unseen.push(...page.items.map(({ externalId }) => externalId));
        after = page.next;
      } while (after !== undefined);

      expect(unseen.toSorted()).toStrictEqual(['r17', 'r18', 'r19']);
      await expect(write((writes) => writes.seen(KEY, 'absent', 2))).rejects.toMatchObject({ code: 'SYNC_RACE_LOST' });
    });

    it('lists parked records, the longest first, until they are taken', async () => {
      const { store, as, write, catchUp } = await rigOf();
      await write((writes) => {
        writes.record(KEY, undefined, record('late', { parked: parkedAt(AT + 2) }));
        writes.record(KEY, undefined, record('early', { parked: parkedAt(AT + 1), shadow: undefined }));
        writes.record(KEY, undefined, record('taken', { parked: parkedAt(AT) }));
      });
      await catchUp();
      const taken = await as(() => store.readRecord(KEY, 'taken'));
      await write((writes) => writes.record(KEY, taken, record('taken')));

      const page = await as(() => store.parked(KEY));

      expect(page.items.map(({ externalId }) => externalId)).toStrictEqual(['early', 'late']);
    });

    it('gives a match key to one entity', async () => {
      const { store, as, write } = await rigOf();
      await write((writes) => writes.match('product', 'sku-1', 'p1'));
      await write((writes) => writes.match('product', 'sku-1', 'p1'));

      await expect(write((writes) => writes.match('product', 'sku-1', 'p2'))).rejects.toMatchObject({
        code: 'SYNC_RACE_LOST',
      });
      await expect(write((writes) => writes.unmatch('product', 'sku-1', 'p2'))).rejects.toMatchObject({
        code: 'SYNC_RACE_LOST',
      });
      expect(await as(() => store.readMatch('product', 'sku-1'))).toBe('p1');
      await write((writes) => writes.unmatch('product', 'sku-1', 'p1'));
      expect(await as(() => store.readMatch('product', 'sku-1'))).toBeUndefined();
    });

    it('keeps an entity’s records on condition of their revision', async () => {
      const { store, as, write } = await rigOf();
      const voices = { records: { supplier: '1' }, speakers: { price: 'supplier' } };
      await write((writes) => writes.entity('product', 'p1', undefined, voices));

      const read = await as(() => store.readEntity('product', 'p1'));
      expect(read).toStrictEqual({ ...voices, revision: 1 });
      await write((writes) => writes.entity('product', 'p1', read, { ...voices, records: {} }));
      await expect(write((writes) => writes.entity('product', 'p1', read, undefined))).rejects.toMatchObject({
        code: 'SYNC_RACE_LOST',
      });
      const second = await as(() => store.readEntity('product', 'p1'));
      await write((writes) => writes.entity('product', 'p1', second, undefined));
      expect(await as(() => store.readEntity('product', 'p1'))).toBeUndefined();
    });

    it('keeps what is being written to a provider, on condition of its revision', async () => {
      const { store, as, write } = await rigOf();
      const print = { hash: 'p', values: { price: 2 }, fields: ['price'], over: 'h', at: AT, until: AT };
      const request = { idempotencyKey: 'k', externalId: '1', version: 3, entity: { price: 2 }, print, bases: ['h'] };
      const outgoing = { ...request, kind: 'update', at: AT } as const;
      await write((writes) => writes.outgoing(KEY, 'p1', undefined, outgoing));

      const read = await as(() => store.readOutgoing(KEY, 'p1'));
      expect(read).toStrictEqual({ ...outgoing, revision: 1 });
      await expect(write((writes) => writes.outgoing(KEY, 'p1', undefined, outgoing))).rejects.toMatchObject({
        code: 'SYNC_RACE_LOST',
      });
      await write((writes) => writes.outgoing(KEY, 'p1', read, undefined));
      await expect(write((writes) => writes.outgoing(KEY, 'p1', read, undefined))).rejects.toMatchObject({
        code: 'SYNC_RACE_LOST',
      });
      expect(await as(() => store.readOutgoing(KEY, 'p1'))).toBeUndefined();
    });

    it('lists runs, the newest first, and the items of each', async () => {
      const { store, as, write } = await rigOf();
      const item = {
        externalId: '1',
        localId: 'p1',
        outcome: 'created',
        changed: ['sku'],
        version: 1,
        origin: 'poll',
        reason: undefined,
        at: AT,
      } as const;
      await write((writes) => {
        writes.run(run('run-1'));
        writes.run(run('run-2'));
        writes.item('run-1', item, 1);
        writes.item('run-1', { ...item, outcome: 'updated' }, 2);
      });

      expect((await as(() => store.runs(KEY))).items.map(({ runId }) => runId)).toStrictEqual(['run-2', 'run-1']);
      expect((await as(() => store.items('run-1'))).items.map(({ outcome }) => outcome)).toStrictEqual([
        'created',
        'updated',
      ]);
      expect((await as(() => store.items('run-2'))).items).toStrictEqual([]);
      expect(await as(() => store.readRun(KEY, 'run-2'))).toMatchObject({ status: 'running' });
    });

    it('shows a tenant nothing of another', async () => {
      const { store, as, write, catchUp } = await rigOf();
      await write((writes) => {
        writes.scope(SCOPE, NO_STATE, { ...NO_STATE, generation: 7 });
        writes.record(KEY, undefined, record('1', { parked: parkedAt(AT) }));
        writes.match('product', 'sku-1', 'p1');
        writes.entity('product', 'p1', undefined, { records: {}, speakers: {} });
        writes.run(run('run-1'));
      });
      await catchUp();

      const other = <Value>(work: () => Promise<Value>) => as(work, 'globex');
      expect(await other(() => store.readScope(SCOPE))).toStrictEqual(NO_STATE);
      expect(await other(() => store.readRecord(KEY, '1'))).toBeUndefined();
      expect(await other(() => store.readMatch('product', 'sku-1'))).toBeUndefined();
      expect(await other(() => store.readEntity('product', 'p1'))).toBeUndefined();
      expect((await other(() => store.parked(KEY))).items).toStrictEqual([]);
      expect((await other(() => store.unseen(KEY, 9))).items).toStrictEqual([]);
      expect((await other(() => store.runs(KEY))).items).toStrictEqual([]);
      await expect(store.readRecord(KEY, '1')).rejects.toMatchObject({ code: 'TENANT_MISSING' });
    });
  });
}

const open = (outbox: Outbox, store: Parameters<typeof createTenantTable>[0]['store'], tableName: string) => {
  const tenancy = createTenancy({ mode: 'required', audit: { crossTenantWork: () => undefined } });
  const table = createTenantTable({ store, outbox, tenancy, tableName, schema: SYNC_TABLE, parse: parseSyncItem });
  return { store: createSyncStore({ table, clock: createTestClock() }), outbox, tenancy };
};

describeSyncStore('memory', async () => {
  const { outbox, tables } = createTestOutbox({ sync: SYNC_TABLE });
  return { ...open(outbox, createInMemoryTableStore(tables), 'sync'), catchUp: async () => undefined };
});

let engine: LocalDynamoDb;
let count = 0;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
});
afterAll(() => engine.close());

describeSyncStore('DynamoDB', async () => {
  count += 1;
  const [outboxTableName, pendingTableName, tableName] = [`outbox-${count}`, `pending-${count}`, `sync-${count}`];
  await engine.createTable(outboxTableName, OUTBOX_TABLE);
  await engine.createTable(pendingTableName, PENDING_TABLE);
  await engine.createTable(tableName, SYNC_TABLE);
  const { client } = engine;
  const ids = createCountingIds();
  const outbox = createOutbox({
    store: createDynamoDbOutboxStore({ client, outboxTableName, pendingTableName }),
    clock: createTestClock(),
    ids: { ...ids, newToken: () => `${count}-${ids.newToken()}` },
    sleep: async () => undefined,
    random: () => 0,
    retentionSeconds: 60,
  });
  return { ...open(outbox, createDynamoDbTableStore(client), tableName), catchUp: engine.catchUp };
});
