import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnResource, type Stack } from 'aws-cdk-lib';
import { expect, it } from 'vitest';
import type { EventHub } from '../../../infra/constructs/event-hub.ts';
import { LinkTable } from '../../../infra/constructs/link-table.ts';
import { ProcessManager } from '../../../infra/constructs/process-manager.ts';
import { ReadModel } from '../../../infra/constructs/read-model.ts';
import { SyncEngine } from '../../../infra/constructs/sync-engine.ts';
import { tableFrom } from '../../../infra/constructs/table-from.ts';
import { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { selectEnvironment } from '../../../infra/environments.ts';
import { defineSubscription, type TableSchema } from '../../../lib/definitions/index.ts';
import { defineTrip } from '../../lib/saga/trip.ts';
import { productSync } from '../../lib/sync/sync-rig.ts';
import { createConsumer, createHub, createStack, ENTRY, OrderPlaced } from '../test-stack.ts';

const KEY = { partitionKey: { name: 'id', type: 'S' } } as const satisfies TableSchema;
const INDEX = { partitionKey: { name: 'status', type: 'S' } } as const;

const EVENTS = { name: 'counted', events: [OrderPlaced] } as const;

interface Place {
  readonly stack: Stack;
  readonly hub: EventHub;
}

const addReadModel = (view: TableSchema) => (place: Place) =>
  new ReadModel(place.stack, 'View', {
    hub: place.hub,
    projection: { name: 'counted', kind: 'items', subscription: defineSubscription(EVENTS), view },
    entry: ENTRY,
    rebuildEntry: ENTRY,
  });

/** The rows of the page's table, by their first cell. */
const CONSTRUCTS: Readonly<Record<string, (place: Place) => void>> = {
  '`EventConsumer`, `strict`': ({ hub }) => createConsumer(hub, { subscription: defineSubscription(EVENTS) }),
  '`EventConsumer`, `fifo`': ({ hub }) =>
    createConsumer(hub, { subscription: defineSubscription({ ...EVENTS, ordering: 'fifo' }) }),
  '`WaybillFunction` (commands, queries)': ({ stack, hub }) =>
    new WaybillFunction(stack, 'Function', { entry: ENTRY, serviceName: 'counted', settings: hub.settings }),
  '`tableFrom`': ({ stack, hub }) => tableFrom(stack, 'Table', KEY, hub.settings),
  '`ReadModel`': addReadModel(KEY),
  '`ProcessManager`': ({ stack, hub }) =>
    new ProcessManager(stack, 'Saga', { hub, saga: defineTrip(), entry: 'test/e2e/trips/process-manager/index.ts' }),
  '`SyncEngine`': ({ stack, hub }) => new SyncEngine(stack, 'Sync', { hub, sync: productSync, entry: ENTRY }),
  '`LinkTable`': ({ stack, hub }) => new LinkTable(stack, 'Links', { settings: hub.settings }),
};

const countOf = (stack: Stack): number => stack.node.findAll().filter(CfnResource.isCfnResource).length;

const hubOf = (environment: string): Place => {
  const stack = createStack();
  return { stack, hub: createHub(stack, { settings: selectEnvironment({ env: environment }).settings }) };
};

/** How many resources an environment's stack gets by the addition. */
function added(environment: string, add: (place: Place) => void): number {
  const place = hubOf(environment);
  const before = countOf(place.stack);
  add(place);
  return countOf(place.stack) - before;
}

const page = readFileSync(join(import.meta.dirname, '../../../docs/deploy.md'), 'utf8');

it('docs/deploy.md lists the resources of a hub', () => {
  expect(page).toContain(`| \`EventHub\` | ${countOf(hubOf('dev').stack)} | ${countOf(hubOf('prod').stack)} |`);
});

it.each(Object.entries(CONSTRUCTS))('docs/deploy.md lists the resources of %s', (name, add) => {
  expect(page).toContain(`| ${name} | ${added('dev', add)} | ${added('prod', add)} |`);
});

it('four indexes add no alarm, a fifth adds one, and so does an external system, as docs/deploy.md says', () => {
  const indexes = ['byA', 'byB', 'byC', 'byD', 'byE'].map((name) => ({ ...INDEX, name }));
  const externalSystems = ['carrier'];
  const withIndexes = (count: number) => added('prod', addReadModel({ ...KEY, indexes: indexes.slice(0, count) }));

  expect(withIndexes(4) - withIndexes(0)).toBe(0);
  expect(withIndexes(5) - withIndexes(0)).toBe(1);
  expect(
    added('prod', ({ hub }) => createConsumer(hub, { externalSystems })) -
      added('prod', ({ hub }) => createConsumer(hub)),
  ).toBe(1);
});
