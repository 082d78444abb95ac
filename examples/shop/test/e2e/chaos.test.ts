import { describe, expect, it } from 'vitest';
import { chaosPlan } from '../../../../local/faults/chaos-plan.ts';
import type { FaultKind } from '../../../../local/faults/fault-plan.ts';
import { isFinal } from '../../local/orders/order-states.ts';
import { runUnderChaos } from './chaos/chaos-run.ts';
import { shopAssembly } from './shop-assembly.ts';

/** The others come in runs that have what they need: timers, a table whose traffic doubles, a read of an index. */
const FREQUENT: FaultKind[] = [
  'throttle',
  'partial-failure',
  'lost-response',
  'slow-call',
  'duplicate-delivery',
  'delayed-delivery',
  'reordered-delivery',
  'killed-worker',
  'frozen-worker',
  'transaction-conflict',
  'hot-partition',
  'unprocessed-keys',
  'repeated-records',
];

describe('the shop under chaos', () => {
  it.each([
    [7, 'choreographed'],
    [2026, 'orchestrated'],
  ])('completes or cancels every order and loses nothing (seed %i, %s)', async (seed, fulfilment) => {
    const { refused, states, ledger, injected, log } = await runUnderChaos(
      await shopAssembly({ 'shop:fulfilment': fulfilment }),
      {
        faults: chaosPlan(seed),
        orders: 25,
      },
    );

    expect(refused).toStrictEqual([]);
    expect(ledger).toMatchObject({ open: [], strays: [] });
    expect(Object.keys(states).filter((state) => !isFinal(state))).toStrictEqual([]);
    expect(states).toMatchObject({ cancelledByPayment: 1, cancelledByStock: 1 });
    expect(injected.map(({ kind }) => kind)).toStrictEqual(expect.arrayContaining(FREQUENT));
    expect(log).toContainEqual(expect.stringContaining(`faults on: seed ${seed}`));
  });
});
