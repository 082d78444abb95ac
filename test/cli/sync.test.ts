import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../cli/command-line.ts';
import { type SyncCommandOptions, sync } from '../../cli/commands/sync.ts';
import type { OperatedSync } from '../../cli/operated-sync.ts';
import type { Operation } from '../../cli/operation.ts';
import { listScheduled } from '../../lib/sync/index.ts';
import { createScheduleStore } from '../../lib/sync/schedule-store.ts';
import { parseSyncItem } from '../../lib/sync/sync-item.ts';
import { SYNC_TABLE } from '../../lib/sync/table.ts';
import { createTenantTable } from '../../lib/tenancy/index.ts';
import { createInMemoryTableStore } from '../../lib/testing/in-memory-table-store.ts';
import { createScheduled } from '../lib/sync/schedule-rig.ts';
import { ago, row, supplierOf } from '../lib/sync/sync-rig.ts';
import { createOperation, type OperationOptions } from './operation-under-test.ts';

const OPTIONS: SyncCommandOptions = {
  ...{ verb: 'status', sync: 'products', externalId: undefined, provider: undefined, tenantId: undefined },
  ...{ run: undefined, scope: undefined, reason: undefined, by: undefined, limit: 20, yes: false },
};

/** A sync whose first run parked one of eight records. */
async function createOperated(options: OperationOptions & { readonly tenancy?: 'none' | 'required' } = {}) {
  const supplier = supplierOf();
  for (const sku of ['1', '2', '3', '4', '5', '6', '7']) supplier.put(row(sku, ago(3600)));
  supplier.put({ ...row('8', ago(3600)), NET: 'free' as never });
  const { tenancy = 'none' } = options;
  const scheduled = createScheduled({ sources: { supplier }, tenancy });
  const { rig } = scheduled;
  if (tenancy === 'none') await scheduled.pass(1);
  const table = createTenantTable({
    store: createInMemoryTableStore(rig.tables),
    ...{ outbox: rig.outbox, tenancy: rig.tenancy, tableName: 'sync', schema: SYNC_TABLE, parse: parseSyncItem },
  });
  const operated: OperatedSync = {
    name: 'products',
    providers: { supplier: { everyMinutes: 15, deletes: { kind: 'reconcile', everyHours: 24 } } },
    ...{ tenancy, store: rig.sync.store, schedules: createScheduleStore({ table, clock: rig.clock }) },
    runAsTenant: rig.tenancy.runAsTenant,
    commands: rig.sync,
    scheduled: (most) => listScheduled({ name: 'products', table, tenancy: rig.tenancy }, most),
  };
  const { operation, out, notes } = createOperation(options);
  const full: Operation = { ...operation, clock: rig.clock, syncs: ['products'], sync: () => operated };
  const call = (given: Partial<SyncCommandOptions> = {}) => sync({ ...OPTIONS, ...given }, full);
  return { ...scheduled, supplier, operated, call, out, notes, operation: full };
}

describe('sync status', () => {
  it('shows what is read, when, and the runs, with the reasons of what is parked', async () => {
    const { call, out } = await createOperated();

    expect(await call()).toBe(0);

    expect(out[0]).toBe('products from supplier: 1 parked');
    const text = out.join('\n');
    expect(text).toMatch(/increment +idle, 1 set back in a row +0 s ago +in 5 min/);
    expect(text).toMatch(/full +idle +never +in 24 h|full +idle +never +in 1 d/);
    expect(text).toMatch(/increment +schedule +partial +2026-11-20 06:01:00Z +7 +0 +0 +0 +1/);
  });

  it('shows a run with its records', async () => {
    const { call, out, rig } = await createOperated();
    const [run] = await rig.runsOf({ sync: 'products', provider: 'supplier' });

    expect(await call({ run: run?.runId })).toBe(0);

    expect(out.filter((line) => line.includes('created'))).toHaveLength(7);
    expect(out.join('\n')).toMatch(/8 +parked .*SYNC_ROW_INVALID: NET: /);
    expect(await call({ run: 'another' })).toBe(1);
  });

  it('says what a sync has done as JSON', async () => {
    const { call, out } = await createOperated({ json: true });

    await call();

    expect(JSON.parse(out.join(''))).toMatchObject({
      sync: 'products',
      providers: [{ provider: 'supplier', parked: 1, runs: [{ status: 'partial', counts: { created: 7 } }] }],
    });
  });

  it('says that an environment has no syncs', async () => {
    const { operation, out } = createOperation();

    expect(await sync({ ...OPTIONS, sync: undefined }, operation)).toBe(0);
    expect(out).toStrictEqual(["environment 'dev' has no syncs"]);
    expect(() => operation.sync('products')).toThrow("environment 'dev' has no sync 'products': it has none");
  });

  it('lists the subscriptions of all tenants, and asks for one before it shows its runs', async () => {
    const { call, out, rig } = await createOperated({ tenancy: 'required' });
    await call();
    expect(out[0]).toMatch(/^no subscription of 'products' is scheduled/);
    for (const tenant of ['acme', 'bolt']) await rig.request({}, tenant);
    await rig.drain();
    out.length = 0;

    expect(await call()).toBe(0);

    expect(out).toHaveLength(5);
    expect(out.join('\n')).toMatch(/acme +supplier +increment/);
    await expect(call({ verb: 'parked' })).rejects.toThrow('the deployment requires tenants: name one with --tenant');
    expect(await call({ tenantId: 'bolt' })).toBe(0);
    expect(out).toContain('products from supplier: 1 parked');
  });
});

describe('sync run, backfill and reconcile', () => {
  it('ask for a run, and record who did', async () => {
    const { call, rig, out } = await createOperated();

    for (const verb of ['run', 'backfill'] as const) expect(await call({ verb, by: 'kim' })).toBe(0);
    await rig.drain();

    const runs = await rig.runsOf({ sync: 'products', provider: 'supplier' });
    expect(runs.map(({ mode, actor }) => `${mode} ${actor ?? ''}`).toSorted()).toStrictEqual([
      'backfill kim',
      'increment ',
      'increment kim',
    ]);
    expect(out[0]).toMatch(
      /^asked for a run that reads 'products' from 'supplier' \(increment\) \(.+\); see: npx waybill sync status products$/,
    );
    out.length = 0;
    await call();
    expect(out.join('\n')).toMatch(/backfill +kim/);
  });

  it('name the providers there are', async () => {
    const { operated, operation } = await createOperated();
    const two: Operation = {
      ...operation,
      sync: () => ({ ...operated, providers: { ...operated.providers, other: operated.providers.supplier } as never }),
    };

    await expect(sync({ ...OPTIONS, verb: 'run' }, two)).rejects.toThrow(
      "sync 'products' has several providers: name one of supplier, other with --provider",
    );
    await expect(sync({ ...OPTIONS, verb: 'run', provider: 'suplier' }, two)).rejects.toThrow(
      "sync 'products' has no provider 'suplier': choose one of supplier, other",
    );
    await expect(sync({ ...OPTIONS, verb: 'run', tenantId: 'acme' }, two)).rejects.toThrow(
      'the deployment has no tenants: leave out --tenant',
    );
  });
});

describe('parked records', () => {
  it('are listed with their reasons, without values', async () => {
    const { call, out } = await createOperated();

    expect(await call({ verb: 'parked' })).toBe(0);

    expect(out[1]).toMatch(/^supplier +8 +1 attempt +\d+ s ago +SYNC_ROW_INVALID: NET: /);
    expect(out.join('\n')).not.toContain('free');
  });

  it('are tried again at once', async () => {
    const { call, rig, supplier, out } = await createOperated();
    supplier.put(row('8', ago(1800)));

    expect(await call({ verb: 'retry', externalId: '8' })).toBe(0);
    await rig.drain();

    expect(rig.catalog()).toHaveLength(8);
    out.length = 0;
    await call({ verb: 'parked' });
    expect(out).toStrictEqual(["no record of 'products' is parked"]);
    await expect(call({ verb: 'retry', externalId: '8' })).rejects.toThrow(
      "record '8' of 'products#supplier' is not parked",
    );
  });

  it('are skipped by somebody who says why, after a question', async () => {
    const refused = await createOperated({ answer: false });
    expect(await refused.call({ verb: 'skip', externalId: '8', reason: 'a sample' })).toBe(1);
    expect(refused.notes).toContain('nothing was done');

    const agreed = await createOperated({ answer: true });
    expect(await agreed.call({ verb: 'skip', externalId: '8', reason: 'a sample', by: 'kim' })).toBe(0);
    expect((await agreed.rig.sync.store.parked({ sync: 'products', provider: 'supplier' })).items).toStrictEqual([]);
    agreed.out.length = 0;
    await agreed.call();
    expect(agreed.out.at(-1)).toMatch(/skip +8 +kim +a sample$/);
  });

  it('need --yes without a terminal', async () => {
    const { call } = await createOperated();

    await expect(call({ verb: 'skip', externalId: '8', reason: 'a sample' })).rejects.toThrow(
      'there is no terminal to ask on: add --yes to go on without asking',
    );
  });
});

describe('deletes that wait', () => {
  async function withMissing() {
    const operated = await createOperated({ answer: true });
    const { supplier, rig } = operated;
    const skus = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    for (const sku of skus) supplier.put(row(sku, ago(600)));
    await rig.run();
    for (const sku of skus.slice(0, 12)) supplier.delete(sku);
    await rig.run({ mode: 'reconcile' });
    return operated;
  }

  it('are approved, and recorded with who did', async () => {
    const { call, rig } = await withMissing();
    expect(rig.catalog()).toHaveLength(27);

    expect(await call({ verb: 'approve', reason: 'a clearance', by: 'kim' })).toBe(0);
    await rig.drain();

    expect(rig.catalog()).toHaveLength(15);
    await expect(call({ verb: 'approve', reason: 'again' })).rejects.toThrow(
      "no run of 'products' from 'supplier' waits for an approval",
    );
  });

  it('are refused by ending the run', async () => {
    const { call, rig } = await withMissing();

    expect(await call({ verb: 'cancel', reason: 'a part only' })).toBe(0);
    await rig.drain();

    expect(rig.catalog()).toHaveLength(27);
    await expect(call({ verb: 'cancel', reason: 'again' })).rejects.toThrow('is under way');
  });
});

it('sync stop keeps runs from beginning, and sync start lets them', async () => {
  const { call, out, pass } = await createOperated();

  expect(await call({ verb: 'stop', reason: 'maintenance', by: 'kim' })).toBe(0);
  expect(await pass(60)).toBe(0);
  out.length = 0;
  await call();
  expect(out.join('\n')).toMatch(/stopped by kim 1 h ago/);

  expect(await call({ verb: 'start', by: 'kim' })).toBe(0);
  expect(await pass(1)).toBe(2);
});

describe('the command line of sync', () => {
  it.each([
    [
      'sync',
      "sync needs one of status, run, backfill, reconcile, approve, cancel, parked, retry, skip, stop, start, got ''",
    ],
    ['sync run', 'sync run needs the name of a sync: sync run NAME'],
    ['sync skip products --reason x', 'sync skip needs the id of a record, as sync parked shows it: sync skip NAME ID'],
    ['sync run products 8', "unexpected argument '8'"],
    ['sync approve products', '--reason'],
    ['sync run products --scope full', '--scope is for sync cancel only'],
    ['sync status products --yes', '--yes is for sync approve, cancel, skip only'],
  ])('refuses %s', (line, problem) => {
    expect(() => readCommandLine(line.split(' '))).toThrow(problem);
  });
});
