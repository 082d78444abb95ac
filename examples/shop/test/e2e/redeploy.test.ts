import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeploymentRecord } from '../../local/redeploy/deployment-record.ts';
import type { Defect } from '../../local/redeploy/shop/revised-shop.ts';
import { synthesizeRevisions } from '../../local/redeploy/shop/synthesize-revisions.ts';
import { deployCalmly } from './redeploy/redeploy-run.ts';

const MAIN = join(import.meta.dirname, '../../local/main.ts');

let temporaryFolder: string;

beforeEach(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), 'waybill-redeploy-'));
});

afterEach(() => rm(temporaryFolder, { recursive: true, force: true }));

const start = (...args: readonly string[]) =>
  new Promise<{ readonly status: number | string; readonly stdout: string; readonly stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { ...process.env, TMPDIR: temporaryFolder }, maxBuffer: 100_000_000 },
      (error, stdout, stderr) => resolve({ status: error === null ? 0 : (error.code ?? 'killed'), stdout, stderr }),
    );
  });

async function deploy(revisions: number, ...defects: readonly Defect[]) {
  const context = { env: 'dev', 'aws:cdk:enable-path-metadata': true, loadBundles: 'false' };
  await synthesizeRevisions({ outdir: temporaryFolder, context, defects, latest: revisions });
  return deployCalmly(temporaryFolder, revisions);
}

describe('deployments while orders flow', () => {
  it('lose, repeat and reorder nothing under faults, whatever they change', async () => {
    const { status, stdout, stderr } = await start('--orders', '60', '--chaos', '5', '--redeploy', '--exit', '--json');

    const summary = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}');
    expect({ status, troubles: stderr.includes('Not everything is where it should be') }).toStrictEqual({
      status: 0,
      troubles: false,
    });
    expect(summary).toMatchObject({
      orders: 60,
      chaos: 5,
      lost: 0,
      repeatedEffects: 0,
      orderBreaks: 0,
      deadLetters: 0,
      undeliverable: 0,
      quarantined: 0,
      held: 0,
    });
    const claims = ['claim customers', 'claim catalog'];
    const deployments: readonly DeploymentRecord[] = summary.deployments;
    expect(deployments.map(({ failed }) => failed)).toStrictEqual([null, null, null, null]);
    expect(deployments.map(({ changes }) => changes.map(({ kind, consumer }) => `${kind} ${consumer}`))).toStrictEqual([
      ['consumer-added loyalty', 'consumer-added points-statement', ...claims],
      ['type-added loyalty', 'schema-version points-statement', 'consumer-renamed notifications', ...claims],
      ['type-removed loyalty', 'schema-version loyalty', ...claims],
      ['type-added loyalty', 'ordering points-statement', 'ordering credit-notes', ...claims],
    ]);
    const [added, renamed] = deployments;
    expect(added?.created).toContain('Waybill-dev-Shop/Loyalty/Queue/Resource');
    expect(renamed?.created).toContain('Waybill-dev-Shop/CustomerMail/Queue/Resource');
    expect(renamed?.deleted).toContain('Waybill-dev-Shop/Notifications/Queue/Resource');
    expect(renamed?.updated).toContain('Waybill-dev-Shop/PointsStatement/Function/Resource');
    for (const { updated } of deployments) expect(updated).toContain('Waybill-dev-Shop/Customers/Function/Resource');
  });

  it('fail the check if a new version of an event has no upcaster, because it leaves dead letters', async () => {
    const { open, handled } = await deploy(2, 'missing-upcaster');

    expect(handled).toBeGreaterThan(0);
    expect(open).not.toStrictEqual([]);
    expect(new Set(open.map(({ consumer, eventType, place }) => `${consumer} ${eventType} ${place}`))).toStrictEqual(
      new Set(['points-statement com.example.points.granted dead-letter']),
    );
  });

  it('leave no open events if the event has an upcaster', async () => {
    expect(await deploy(2)).toMatchObject({ open: [], strays: [] });
  });
});
