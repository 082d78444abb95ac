import { describe, expect, it } from 'vitest';
import {
  oldestReconciledMs,
  openFindings,
  type ReconcileRunDeps,
  type ReconcileRunOptions,
  runReconciliation,
} from '../../../lib/operations/index.ts';
import { addMs, type EpochMs } from '../../../lib/shared/time.ts';
import { createOpsRig, T0 } from './rig.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NO_END = Number.POSITIVE_INFINITY as EpochMs;

type Rig = ReturnType<typeof createOpsRig>;

const run = (rig: Rig, options: Partial<ReconcileRunOptions> = {}, deps: Partial<ReconcileRunDeps> = {}) =>
  runReconciliation(
    { ...rig.reconciliation(), ...deps },
    { graceMs: 0, confirmAfterMs: 0, passMs: DAY_MS, endsAt: NO_END, until: 'whole', ...options },
  );

/** 200 groups with an event each, of which billing has handled all but one. */
async function createShop(): Promise<Rig> {
  const rig = createOpsRig();
  for (let account = 1; account <= 200; account++) {
    await rig.deposit(String(account));
    if (account !== 150) await rig.place(`account#${account}`, { processed: 1, seen: 1 });
  }
  rig.clock.advance(HOUR_MS);
  return rig;
}

describe('runReconciliation', () => {
  it('reconciles the whole log, and stores what it found until a later pass does not find it', async () => {
    const rig = await createShop();

    const first = await run(rig);
    expect(first).toMatchObject({
      kind: 'done',
      pass: { pass: 1, position: undefined, tally: { items: 200, groups: 200, findings: 1 } },
      findings: [{ kind: 'never-arrived', group: 'account#150', pass: 1 }],
    });
    expect(await rig.reconcileStore.findings()).toHaveLength(1);

    await rig.place('account#150', { processed: 1, seen: 1 });
    const second = await run(rig);
    expect(second).toMatchObject({ kind: 'done', pass: { pass: 2 }, findings: [] });
    expect(second.kind === 'done' && openFindings(second.pass)).toBe(0);
  });

  it('goes as far as it must by now, and is through after the time of a pass', async () => {
    const rig = await createShop();
    const parts: number[] = [];
    for (let quarter = 0; quarter < 96; quarter++) {
      const report = await run(rig, { until: 'due' });
      parts.push(report.kind === 'done' ? (report.pass.position?.segment ?? 96) : -1);
      rig.clock.advance(15 * 60_000);
    }

    expect([parts[0], parts[1], parts[47], parts[95]]).toStrictEqual([1, 2, 48, 96]);
    const pass = await rig.reconcileStore.pass();
    expect(pass).toMatchObject({ pass: 1, tally: { items: 200 } });
    expect(await run(rig, { until: 'due' })).toMatchObject({ pass: { pass: 2, position: { segment: 1 } } });
  });

  it('continues where a killed run was saved, and misses nothing', async () => {
    const rig = await createShop();
    let pages = 0;
    const dies: Partial<ReconcileRunDeps> = {
      walker: {
        page: async (request) => {
          pages += 1;
          rig.clock.advance(1_000);
          if (pages === 60) throw new Error('killed');
          return rig.log.page(request);
        },
      },
    };
    await expect(run(rig, {}, dies)).rejects.toThrow('killed');
    const saved = await rig.reconcileStore.pass();
    expect(saved?.position?.segment).toBeGreaterThan(20);

    expect(await run(rig, { until: 'end' })).toMatchObject({ kind: 'busy' });
    rig.clock.advance(120_000);
    const report = await run(rig, { until: 'end' });

    expect(report).toMatchObject({ kind: 'done', pass: { pass: 1, position: undefined } });
    expect(report.kind === 'done' && report.findings.map(({ group }) => group)).toStrictEqual(['account#150']);
    expect(report.kind === 'done' && report.pass.tally.items).toBe(200);
  });

  it('ends in time, confirms what it has found first, and goes on from there', async () => {
    const rig = await createShop();
    const slow: Partial<ReconcileRunDeps> = {
      walker: {
        page: async (request) => {
          rig.clock.advance(1_000);
          return rig.log.page(request);
        },
      },
    };
    const first = await run(rig, { endsAt: addMs(rig.clock.now(), 80_000) }, slow);
    expect(first).toMatchObject({ kind: 'done', pass: { position: { segments: 96 } } });

    const second = await run(rig, { until: 'end' });
    expect(second).toMatchObject({ pass: { position: undefined, tally: { items: 200, findings: 1 } } });
  });

  it('gives way to a run that took over', async () => {
    const rig = await createShop();
    const other = async () => {
      const pass = await rig.reconcileStore.pass();
      if (pass !== undefined) await rig.reconcileStore.save(pass.revision, { ...pass, heldUntil: T0 }, undefined);
    };

    const consumers = async () => {
      await other();
      return [rig.reconciled()];
    };
    expect(await run(rig, {}, { consumers })).toStrictEqual({ kind: 'overtaken' });
  });

  it('finds pending markers whose event the log does not have', async () => {
    const rig = await createShop();
    const marker = { group: 'account#9', sequence: 4, committedAt: T0, quarantined: undefined };
    const deps: Partial<ReconcileRunDeps> = {
      pending: {
        async *pages() {
          yield [marker, { ...marker, sequence: 5 }];
        },
      },
      outboxLog: { read: async (keys) => keys.map(({ sequence }) => ({ status: sequence === 4 ? 'gone' : 'unread' })) },
    };

    const report = await run(rig, {}, deps);

    expect(report).toMatchObject({ findings: [{ kind: 'event-gone', group: 'account#9', from: 4 }, {}] });
  });

  it('tells how long ago the oldest part was reconciled', async () => {
    const rig = await createShop();
    await run(rig, { until: 'due' });
    rig.clock.advance(2 * HOUR_MS);
    const pass = await rig.reconcileStore.pass();

    expect(pass && oldestReconciledMs(pass, rig.clock.now())).toBe(2 * HOUR_MS);
  });
});
