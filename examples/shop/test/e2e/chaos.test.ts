import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chaosPlan } from '../../../../local/faults/chaos-plan.ts';
import type { FaultKind } from '../../../../local/faults/fault-plan.ts';
import { createShopApp } from '../../infra/shop-app.ts';
import { isFinal } from '../../local/orders/order-states.ts';
import { runUnderChaos } from './chaos/chaos-run.ts';

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

let temporaryFolder: string;

beforeAll(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), 'waybill-chaos-'));
});

afterAll(() => rm(temporaryFolder, { recursive: true, force: true }));

function synthesizeShop(fulfilment: string): string {
  const outdir = join(temporaryFolder, fulfilment);
  // path metadata is what the CDK CLI switches on by itself
  const context = { env: 'dev', 'shop:fulfilment': fulfilment, 'aws:cdk:enable-path-metadata': true };
  createShopApp({ outdir, context }).synth();
  return outdir;
}

describe('the shop under chaos', () => {
  it.each([
    [7, 'choreographed'],
    [2026, 'orchestrated'],
  ])('completes or cancels every order and loses nothing (seed %i, %s)', async (seed, fulfilment) => {
    const { refused, states, ledger, injected, log } = await runUnderChaos(synthesizeShop(fulfilment), {
      faults: chaosPlan(seed),
      orders: 25,
    });

    expect(refused).toStrictEqual([]);
    expect(ledger).toMatchObject({ open: [], strays: [] });
    expect(Object.keys(states).filter((state) => !isFinal(state))).toStrictEqual([]);
    expect(states).toMatchObject({ cancelledByPayment: 1, cancelledByStock: 1 });
    expect(injected.map(({ kind }) => kind)).toStrictEqual(expect.arrayContaining(FREQUENT));
    expect(log).toContainEqual(expect.stringContaining(`faults on: seed ${seed}`));
  });
});
