import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../cli/command-line.ts';
import { reconcile } from '../../cli/commands/reconcile.ts';
import { createOperation } from './operation-under-test.ts';

const RUN = {
  verb: 'run',
  continues: false,
  graceMs: 60_000,
  confirmAfterMs: 0,
  deploymentMs: 0,
  readUnitsPerSecond: 500,
} as const;

const HOUR_MS = 3_600_000;

describe('reconcile', () => {
  it('says so if nothing was reconciled yet', async () => {
    const { operation, notes } = createOperation();

    expect(await reconcile({ ...RUN, verb: 'show' }, operation)).toBe(1);
    expect(notes).toStrictEqual([
      "nothing was reconciled yet: the hub's reconciler has not run, or the hub has none; 'waybill reconcile run' does it now",
    ]);
  });

  it('reconciles the whole log, and shows what is lost until it is not', async () => {
    const { operation, out, rig } = createOperation();
    await rig.deposit('7', 2);
    await rig.place('account#7', { processed: 1, seen: 1 });
    rig.clock.advance(HOUR_MS);

    expect(await reconcile(RUN, operation)).toBe(1);
    expect(out.slice(0, 2)).toStrictEqual([
      'FOUND          CONSUMER  GROUP      PLACES  EVENTS  SINCE                 EVENT    TYPE',
      'never-arrived  billing   account#7  2       1       2026-11-20 07:00:00Z  event-2  com.example.account.deposited',
    ]);
    expect(out.at(-1)).toBe(
      "1 not accounted for: see docs/runbook.md, Unaccounted; 'waybill audit --resend' sends lost events again",
    );

    await rig.place('account#7', { processed: 2, seen: 2 });
    expect(await reconcile(RUN, operation)).toBe(0);
    expect(out.at(-1)).toBe('every event is accounted for');
    expect(await reconcile({ ...RUN, verb: 'show' }, operation)).toBe(0);
  });

  it('writes what it found as JSON', async () => {
    const { operation, out, rig } = createOperation({ json: true });
    await rig.deposit('7');
    rig.clock.advance(HOUR_MS);

    await reconcile(RUN, operation);

    expect(JSON.parse(out[0] ?? '')).toMatchObject({
      environment: 'dev',
      unaccounted: 1,
      tally: { items: 1, standings: { unaccounted: 1 } },
      findings: [{ kind: 'never-arrived', consumer: 'billing', at: '2026-11-20T07:00:00.000Z' }],
    });
  });

  it.each([
    ['reconcile --grace 5', '--grace is for reconcile run only'],
    ['reconcile mend', "reconcile needs one of show, run, got 'mend'"],
    ['reconcile run --confirm 601', '--confirm must be'],
  ])('refuses: %s', (line, problem) => {
    expect(() => readCommandLine(line.split(' '))).toThrow(problem);
  });
});
