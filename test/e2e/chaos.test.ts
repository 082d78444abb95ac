import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../infra/create-app.ts';
import { chaosPlan } from '../../local/faults/chaos-plan.ts';
import { runUnderChaos } from './chaos/chaos-run.ts';

let assemblyFolder: string;

beforeAll(async () => {
  assemblyFolder = await mkdtemp(join(tmpdir(), 'waybill-chaos-'));
  // path metadata is what the CDK CLI switches on by itself
  createApp({ outdir: assemblyFolder, context: { env: 'dev', 'aws:cdk:enable-path-metadata': true } }).synth();
});

afterAll(() => rm(assemblyFolder, { recursive: true, force: true }));

describe('the shop under chaos', () => {
  it.each([3, 7, 2026])('ships every order and loses nothing (seed %i)', async (seed) => {
    const { refused, states, ledger, injected, log } = await runUnderChaos(assemblyFolder, {
      faults: chaosPlan(seed),
      orders: 40,
    });

    expect(refused).toStrictEqual([]);
    expect(ledger).toMatchObject({ open: [], strays: [] });
    expect(states).toStrictEqual({ shipped: 40 });
    expect(ledger).toMatchObject({ events: 160, published: 160, handled: 280 });
    expect(new Set(injected.map(({ kind }) => kind))).toStrictEqual(
      new Set([
        'throttle',
        'partial-failure',
        'lost-response',
        'slow-call',
        'duplicate-delivery',
        'delayed-delivery',
        'reordered-delivery',
        'killed-worker',
        'frozen-worker',
      ]),
    );
    expect(log).toContainEqual(expect.stringContaining(`faults on: seed ${seed}`));
  });
});
