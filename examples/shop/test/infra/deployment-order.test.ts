import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isObject } from '../../../../local/template/json.ts';
import { createShopApp } from '../../infra/shop-app.ts';
import { type DependencyGraph, dependencyGraph, neededBy, referredId } from './dependency-graph.ts';

const outdir = mkdtempSync(join(tmpdir(), 'waybill-order-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

const APPS = ['dev', 'staging', 'prod'].flatMap((env) =>
  ['choreographed', 'orchestrated'].map((fulfilment) => ({ env, fulfilment })),
);

function graphsOf({ env, fulfilment }: (typeof APPS)[number]): readonly DependencyGraph[] {
  const app = createShopApp({
    outdir: join(outdir, `${env}-${fulfilment}`),
    context: { env, 'shop:fulfilment': fulfilment, 'aws:cdk:bundling-stacks': [] },
  });
  return app.synth().stacks.map(({ template }) => {
    const parsed: unknown = template;
    if (!isObject(parsed)) throw new TypeError('a template is an object');
    return dependencyGraph(parsed);
  });
}

describe.each(APPS)("the order of deployment of the shop's app, $env, $fulfilment", (app) => {
  const graphs = graphsOf(app);
  const rules = graphs.flatMap((graph) => graph.ofType('AWS::Events::Rule').map((rule) => ({ rule, graph })));

  it('deploys everything that handles an event before the rule that delivers it', () => {
    const missing = rules.flatMap(({ rule, graph }) => {
      const ancestors = graph.ancestorsOf(rule.logicalId);
      return [...neededBy(rule, graph)]
        .filter((id) => !ancestors.has(id))
        .map((id) => `${rule.logicalId} does not wait for ${id}`);
    });

    expect(missing).toStrictEqual([]);
  });

  it('makes the rule of every consumer depend on its queues, their policies, mapping, function, role and grants', () => {
    const consumers = rules.filter(({ rule }) => rule.properties['EventPattern'] !== undefined);

    expect(consumers.length).toBeGreaterThanOrEqual(11);
    for (const { rule, graph } of consumers) {
      const types = [...neededBy(rule, graph)].map((id) => graph.resources.get(id)?.type).toSorted();
      expect(types).toStrictEqual([
        'AWS::IAM::Policy',
        'AWS::IAM::Role',
        'AWS::Lambda::EventSourceMapping',
        'AWS::Lambda::Function',
        'AWS::SQS::Queue',
        'AWS::SQS::Queue',
        'AWS::SQS::QueuePolicy',
        'AWS::SQS::QueuePolicy',
      ]);
    }
  });

  it('deploys the grant of the Scheduler to send timers before the functions that start timers', () => {
    const starters = graphs.flatMap((graph) =>
      graph
        .ofType('AWS::Lambda::Function')
        .filter(({ properties }) => JSON.stringify(properties['Environment']).includes('WAYBILL_SAGA_TIMERS_ROLE_ARN'))
        .map(({ logicalId }) => ({ graph, ancestors: graph.ancestorsOf(logicalId) })),
    );

    expect(starters).toHaveLength(app.fulfilment === 'orchestrated' ? 1 : 0);
    for (const { graph, ancestors } of starters) {
      const rights = graph
        .ofType('AWS::IAM::Policy')
        .filter(({ properties }) =>
          String(referredId([properties['Roles']].flat()[0])).includes('TimersSchedulerRole'),
        );
      expect(rights.map(({ logicalId }) => ancestors.has(logicalId))).toStrictEqual([true]);
    }
  });
});
