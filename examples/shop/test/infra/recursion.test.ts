import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isObject, objectAt, toList } from '../../../../local/template/json.ts';
import type { TemplateResource } from '../../../../local/template/template.ts';
import { createShopApp } from '../../infra/shop-app.ts';
import { type DependencyGraph, dependencyGraph, referredId } from './dependency-graph.ts';

const outdir = mkdtempSync(join(tmpdir(), 'waybill-recursion-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

const graphs: readonly DependencyGraph[] = createShopApp({
  outdir,
  context: { env: 'dev', 'shop:fulfilment': 'orchestrated', 'aws:cdk:bundling-stacks': [] },
})
  .synth()
  .stacks.map(({ template }) => dependencyGraph(template as object));

const serviceOf = ({ properties }: TemplateResource): string =>
  String(objectAt(objectAt(properties, 'Environment'), 'Variables')['POWERTOOLS_SERVICE_NAME']);

const functions = graphs.flatMap((graph) =>
  graph.ofType('AWS::Lambda::Function').map((resource) => ({ graph, resource, service: serviceOf(resource) })),
);

/** Queues that a function's role may send to. */
function sendsTo(graph: DependencyGraph, handler: TemplateResource): ReadonlySet<string | undefined> {
  const role = referredId(handler.properties['Role']);
  const statements = graph
    .ofType('AWS::IAM::Policy')
    .filter(({ properties }) => toList(properties['Roles']).some((each) => referredId(each) === role))
    .flatMap(({ properties }) => toList(objectAt(properties, 'PolicyDocument')['Statement']).filter(isObject));
  return new Set(
    statements
      .filter((statement) => toList(statement['Action']).includes('sqs:SendMessage'))
      .flatMap((statement) => toList(statement['Resource']).map(referredId)),
  );
}

const readsFrom = (graph: DependencyGraph, handler: TemplateResource): readonly (string | undefined)[] =>
  graph
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => referredId(properties['FunctionName']) === handler.logicalId)
    .map(({ properties }) => referredId(properties['EventSourceArn']));

const looping = functions
  .filter(({ resource }) => resource.properties['RecursiveLoop'] === 'Allow')
  .map(({ service }) => service)
  .toSorted();

describe("Lambda's recursion detection", () => {
  it('is off for consumers, sagas and projections, which resend events to their own queues', () => {
    expect(looping).toStrictEqual([
      'account-mails',
      'catalog',
      'credit-notes',
      'customers',
      'inventory',
      'notifications',
      'order-fulfilment',
      'order-links',
      'order-overview',
      'order-tracking',
      'orders',
      'payments',
      'revenue-by-day',
      'shipping',
    ]);
  });

  it('is off only for functions that can send to the queue that they read', () => {
    const mayLoop = functions
      .filter(({ graph, resource }) => {
        const targets = sendsTo(graph, resource);
        return readsFrom(graph, resource).some((queue) => queue !== undefined && targets.has(queue));
      })
      .map(({ service }) => service)
      .toSorted();

    expect(looping).toStrictEqual(mayLoop);
  });

  it('stays on for relay, sweeper, timers, rebuilds and commands', () => {
    const others = functions.filter(({ service }) => !looping.includes(service));

    expect(others.map(({ service }) => service)).toEqual(
      expect.arrayContaining([
        'relay',
        'sweeper',
        'reconciler',
        'order-fulfilment-timers',
        'order-overview-rebuild',
        'place-order',
        'cancel-order',
      ]),
    );
    expect(others.filter(({ resource }) => resource.properties['RecursiveLoop'] !== undefined)).toStrictEqual([]);
  });
});
