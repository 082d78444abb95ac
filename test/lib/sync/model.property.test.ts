import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ExternalThrottledError, ExternalUnavailableError } from '../../../lib/resilience/errors.ts';
import { compareVersions } from '../../../lib/sync/compare-versions.ts';
import type { ChangeSource } from '../../../lib/sync/ports.ts';
import { createSyncRig, productSync, type Row, row, supplierOf } from './sync-rig.ts';

/** `npm run test:unit` takes some hundred; a search takes thousands. */
const SCHEDULES = Number(process.env['SYNC_SCHEDULES'] ?? 300);

const KEY = { sync: 'products', provider: 'supplier' };
const skus = fc.constantFrom('1', '2', '3', '4', '5');

type Act =
  /** The row gets a time that is so many seconds past; the lag is 120. */
  | { readonly act: 'edit'; readonly sku: string; readonly lateSeconds: number; readonly net: number }
  | { readonly act: 'delete'; readonly sku: string }
  /** A webhook with the row as it is, or as it was so many edits ago. */
  | { readonly act: 'carry'; readonly sku: string; readonly back: number }
  | { readonly act: 'request'; readonly mode: 'increment' | 'reconcile' | 'backfill' }
  | { readonly act: 'deliver'; readonly turn: number }
  | { readonly act: 'crash'; readonly turn: number; readonly commits: number; readonly after: boolean }
  /** Two executions of one event at a time, the first one frozen for so long. */
  | { readonly act: 'overlap'; readonly turn: number; readonly frozenSeconds: number }
  | { readonly act: 'fail'; readonly throttled: boolean }
  | { readonly act: 'advance'; readonly seconds: number };

const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ act: fc.constant('edit' as const), sku: skus, lateSeconds: fc.nat(119), net: fc.nat(3) }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('delete' as const), sku: skus }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('carry' as const), sku: skus, back: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant('request' as const),
      mode: fc.constantFrom('increment' as const, 'reconcile' as const, 'backfill' as const),
    }),
  },
  { weight: 6, arbitrary: fc.record({ act: fc.constant('deliver' as const), turn: fc.nat(5) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant('crash' as const),
      turn: fc.nat(5),
      commits: fc.nat(7),
      after: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('overlap' as const),
      turn: fc.nat(5),
      frozenSeconds: fc.constantFrom(10, 100),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('fail' as const), throttled: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant('advance' as const), seconds: fc.constantFrom(1, 60, 400, 2000) }),
  },
);

function createModel(pageSize: number) {
  const supplier = supplierOf(pageSize);
  const history = new Map<string, Row[]>();
  let freeze: { readonly gate: Promise<void>; readonly reached: () => void } | undefined;
  const source: ChangeSource = {
    ...supplier,
    async *pages(request) {
      const frozen = freeze;
      freeze = undefined;
      frozen?.reached();
      await frozen?.gate;
      yield* supplier.pages(request);
    },
  };
  const rig = createSyncRig(productSync, { sources: { supplier: source }, sliceMs: 0 });

  const edit = (sku: string, lateSeconds: number, net: number) => {
    const rows = history.get(sku) ?? [];
    const before = rows.at(-1);
    // a record's versions grow, however late they appear
    const at = Math.max(
      rig.clock.now() - lateSeconds * 1000,
      before === undefined ? 0 : Date.parse(before.MODIFIED) + 1,
    );
    if (at > rig.clock.now()) return;
    const next = row(sku, new Date(at).toISOString(), { NET: net });
    history.set(sku, [...rows, next]);
    supplier.put(next);
  };

  const dueAt = (turn: number) => {
    const due = rig.due();
    return due[turn % Math.max(due.length, 1)];
  };

  const wait = (delivery: string) => {
    if (delivery === 'failed') throw rig.lastError;
    if (delivery === 'deferred') rig.clock.advance((rig.waits.at(-1) ?? 1) * 1000);
    if (delivery === 'crashed') rig.clock.advance(90_000);
  };

  const perform = async (step: Act): Promise<void> => {
    switch (step.act) {
      case 'edit':
        return edit(step.sku, step.lateSeconds, step.net);
      case 'delete':
        return supplier.delete(step.sku);
      case 'carry': {
        const told = history.get(step.sku)?.at(-1 - step.back);
        if (told !== undefined) await rig.carry({ kind: 'upsert', externalId: step.sku, raw: told });
        return;
      }
      case 'request':
        return rig.request({ mode: step.mode });
      case 'advance':
        return rig.clock.advance(step.seconds * 1000);
      case 'fail':
        return supplier.failNext(
          step.throttled ? new ExternalThrottledError('supplier', 7) : new ExternalUnavailableError('supplier', '503'),
        );
      case 'deliver': {
        const event = dueAt(step.turn);
        return event && wait(await rig.deliver(event));
      }
      case 'crash': {
        const event = dueAt(step.turn);
        if (event === undefined) return;
        rig.crash(step.commits, step.after);
        const delivery = await rig.deliver(event);
        rig.crash(Number.POSITIVE_INFINITY);
        return wait(delivery);
      }
      case 'overlap': {
        const event = dueAt(step.turn);
        if (event === undefined) return;
        const gate = Promise.withResolvers<void>();
        const reached = Promise.withResolvers<void>();
        freeze = { gate: gate.promise, reached: reached.resolve };
        const first = rig.deliver(event);
        await Promise.race([reached.promise, first]);
        freeze = undefined;
        rig.clock.advance(step.frozenSeconds * 1000);
        const second = await rig.deliver(event);
        gate.resolve();
        const both = [second, await first];
        if (both.includes('failed')) throw rig.lastError;
        return;
      }
    }
  };

  /** Whatever has happened, the next runs bring the sink to the provider's state. */
  const settle = async () => {
    await rig.drain(400);
    const { run } = await rig.sync.store.readScope({ ...KEY, scope: 'full' });
    if (run !== undefined) {
      await rig.sync.approve('supplier', run.runId, { by: 'kim' });
      await rig.drain();
    }
    rig.clock.advance(130_000);
    await rig.run();
    const last = await rig.run({ mode: 'reconcile' });
    if (last?.status === 'awaiting-approval') {
      await rig.sync.approve('supplier', last.runId, { by: 'kim' });
      await rig.drain();
    }
  };

  return { rig, supplier, perform, settle };
}

it('ends with the sink as the provider, each change with one event, in the order of versions', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (steps, pageSize) => {
      const { rig, supplier, perform, settle } = createModel(pageSize);
      for (const step of steps) await perform(step);
      await settle();

      const wanted = supplier
        .rows()
        .map(({ SKU, NAME, NET }) => ({ sku: SKU, name: NAME, price: NET * 100 }))
        .toSorted((a, b) => (a.sku < b.sku ? -1 : 1));
      expect(rig.catalog()).toStrictEqual(wanted);

      for (const sku of ['1', '2', '3', '4', '5']) {
        const told = rig.published().filter(({ externalId }) => externalId === sku);
        expect(told.map(({ kind }) => kind).join(' ')).toMatch(/^(created( updated)*( deleted( |$)|$))*$/);
        const versions = told.flatMap(({ version }) => (typeof version === 'string' ? [version] : []));
        for (const [index, version] of versions.slice(1).entries()) {
          expect(compareVersions(version, versions[index] ?? '')).toBe('newer');
        }
      }
    }),
    { numRuns: SCHEDULES },
  );
});
