import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, describe, expect, it } from 'vitest';
import { EventConsumer } from '../../infra/constructs/event-consumer.ts';
import { EventHub } from '../../infra/constructs/event-hub.ts';
import { LinkTable } from '../../infra/constructs/link-table.ts';
import { ProcessManager } from '../../infra/constructs/process-manager.ts';
import { ReadModel } from '../../infra/constructs/read-model.ts';
import { defineSettings } from '../../infra/environments.ts';
import { sagaSubscription } from '../../lib/definitions/index.ts';
import { readAssembly } from '../../local/template/assembly.ts';
import { checkAssembly } from '../../local/template/deploy.ts';
import { environmentOf } from '../../local/template/pseudo-parameters.ts';
import { trips } from '../e2e/trips/saga.ts';
import { billing, ENTRY } from './test-stack.ts';

const outdir = mkdtempSync(join(tmpdir(), 'waybill-foreign-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

/** What `cdk init` writes into a new app's cdk.json. */
const RECOMMENDED: Readonly<Record<string, unknown>> = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'),
);

/** Hub and consumers of every kind, in stacks of their own. */
function addEverything(app: App, preset: 'dev' | 'prod'): void {
  const settings = defineSettings(preset);
  const hub = new EventHub(new Stack(app, 'Hub'), 'Hub', { settings });
  const stack = new Stack(app, 'Service');
  hub.registerProducer(stack, [...billing.events, ...sagaSubscription(trips).events]);
  const { function: handler } = new EventConsumer(stack, 'Billing', { hub, subscription: billing, entry: ENTRY });
  const links = new LinkTable(stack, 'Links', { settings });
  links.grantUse(handler, ['create', 'findByEntity']);
  const view = new ReadModel(stack, 'View', {
    hub,
    projection: {
      name: 'overview',
      kind: 'items',
      subscription: { ...billing, name: 'overview' },
      view: {
        partitionKey: { name: 'id', type: 'S' },
        indexes: [{ name: 'byOwner', partitionKey: { name: 'owner', type: 'S' } }],
      },
    },
    entry: ENTRY,
    rebuildEntry: ENTRY,
  });
  view.grantQuery(handler, { items: true, indexes: ['byOwner'] });
  new ProcessManager(stack, 'Trips', { hub, saga: trips, entry: ENTRY });
}

describe.each([
  { flags: 'none of the feature flags', context: {} },
  { flags: 'the feature flags of a new app', context: RECOMMENDED },
])('an app of its own with $flags', ({ context }) => {
  it.each(['dev', 'prod'] as const)(
    'passes cdk-nag and is accepted by the local run, with settings like %s',
    (preset) => {
      const app = new App({ outdir, context: { ...context, 'aws:cdk:bundling-stacks': [] } });
      addEverything(app, preset);
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

      // throws for a finding
      const { stacks, assetPaths } = readAssembly(app.synth().directory);
      const bundled = new Map([...assetPaths].map(([key]) => [key, outdir]));

      expect(() => checkAssembly({ stacks, assetPaths: bundled }, environmentOf(stacks))).not.toThrow();
      expect(stacks.map(({ stackName }) => stackName)).toStrictEqual(['Hub', 'Service']);
    },
  );
});
