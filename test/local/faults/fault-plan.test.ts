import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import { chaosPlan } from '../../../local/faults/chaos-plan.ts';
import { createFaultInjector } from '../../../local/faults/fault-injector.ts';
import { type FaultPlan, type FaultRule, kindsOf } from '../../../local/faults/fault-plan.ts';
import { createFaultRecord } from '../../../local/faults/fault-record.ts';

describe('a fault plan', () => {
  it('is refused with all of its problems', () => {
    const plan: FaultPlan = {
      seed: 1.5,
      most: -1,
      rules: [
        { kind: 'throttle', oneIn: 0 },
        { kind: 'slow-call', oneIn: 2, longestMs: 0 },
        { kind: 'killed-worker', oneIn: 2, latestCall: 0.5 },
      ],
    };

    expect(() => createFaultInjector(plan, createMovableClock())).toThrow(
      expect.objectContaining({
        code: 'LOCAL_FAULT_PLAN_INVALID',
        message:
          'the fault plan cannot be used: seed must be a whole number, got 1.5; most must be a whole number from 0, got -1; rules[0].oneIn (throttle) must be a whole number from 1, got 0; rules[1].longestMs (slow-call) must be a whole number from 1, got 0; rules[2].latestCall (killed-worker) must be a whole number from 1, got 0.5',
      }),
    );
  });
});

describe('the chaos of a seed', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('has every kind of fault, of seed %i', (seed) => {
    const kinds = new Set(chaosPlan(seed).rules.map(({ kind }) => kind));

    expect([...kinds].sort()).toStrictEqual([
      'delayed-delivery',
      'duplicate-delivery',
      'duplicate-schedule',
      'early-visibility',
      'frozen-worker',
      'held-back-message',
      'hot-partition',
      'inexact-schedule',
      'killed-worker',
      'lagging-counts',
      'late-delivery',
      'late-expiry',
      'late-schedule',
      'lost-response',
      'missing-permission',
      'partial-failure',
      'partial-reasons',
      'partial-transaction-view',
      'reordered-delivery',
      'repeated-message',
      'repeated-receive',
      'repeated-records',
      'replaced-environment',
      'shard-split',
      'slow-call',
      'stale-read',
      'table-throttle',
      'throttle',
      'throttled-function',
      'throttled-target',
      'transaction-conflict',
      'unprocessed-keys',
    ]);
  });

  it('has exactly the kinds of faults that the page about the local run lists', () => {
    const page = readFileSync(new URL('../../../docs/local-run.md', import.meta.url), 'utf8');
    const [, faults = ''] = page.split('\n## Faults\n');
    const [section = ''] = faults.split('\n## ');
    const told = section
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => (line.split('|')[1] ?? '').match(/[a-z-]{2,}/g) ?? []);

    expect([...new Set(told)].sort()).toStrictEqual([...kindsOf(chaosPlan(1))].sort());
  });

  it('does not let one kind of fault replace others', () => {
    const { most = 0, rules } = chaosPlan(1);
    const limits = rules.map((rule) => rule.most ?? most);

    expect(limits.reduce((sum, limit) => sum + limit, 0)).toBeLessThanOrEqual(most);
  });

  it('is the same for the same seed, and stresses other parts for other seeds', () => {
    const rates = (seed: number) => chaosPlan(seed).rules.map(({ oneIn }) => oneIn);

    expect(chaosPlan(7)).toStrictEqual(chaosPlan(7));
    expect(new Set([1, 2, 3, 4, 5].map((seed) => rates(seed).join())).size).toBe(5);
  });

  it('does not preserve the order of events on the bus, even within a group', () => {
    const withinGroups = chaosPlan(1).rules.flatMap((rule) => ('withinGroup' in rule ? [rule.withinGroup] : []));

    expect(withinGroups).toStrictEqual([true, true, true]);
  });
});

describe('the limits of a plan', () => {
  it('are released as the affected work progresses, with a tenth from the start', () => {
    let progress = 0;
    const rule: FaultRule = { kind: 'throttle', oneIn: 1, most: 20 };
    const record = createFaultRecord({ seed: 1, rules: [rule], progress: () => progress }, createMovableClock());
    const hitsAt = (ratio: number) => {
      progress = ratio;
      let hits = 0;
      for (; record.mayHit(rule); hits++) record.add(rule, 'call');
      return hits;
    };

    expect([0, 0, 0.5, 1, 1].map(hitsAt)).toStrictEqual([2, 0, 9, 9, 0]);
  });

  it('allow each rule one fault before any progress', () => {
    const rule: FaultRule = { kind: 'throttle', oneIn: 1, most: 3 };

    expect(
      createFaultRecord({ seed: 1, rules: [rule], most: 3, progress: () => 0 }, createMovableClock()).mayHit(rule),
    ).toBe(true);
  });
});
