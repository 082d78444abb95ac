import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { objectAt, stringAt } from '../../../../local/template/json.ts';
import { createShopApp } from '../../infra/shop-app.ts';

const outdir = mkdtempSync(join(tmpdir(), 'waybill-retention-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

/** Types that hold something which nobody can make again. */
const STATEFUL = [
  'AWS::DynamoDB::Table',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::SecretsManager::Secret',
];

interface Resource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  readonly name: string | undefined;
  readonly policies: readonly [deletion: string | undefined, replacement: string | undefined];
}

function resourcesOf(env: string): readonly Resource[] {
  const app = createShopApp({
    outdir: join(outdir, env),
    context: { env, 'shop:fulfilment': 'orchestrated', 'aws:cdk:bundling-stacks': [] },
  });
  return app.synth().stacks.flatMap(({ stackName, template }) =>
    Object.entries(objectAt(template, 'Resources')).map(([logicalId, resource]) => ({
      stackName,
      logicalId,
      type: stringAt(resource, 'Type') ?? '',
      name:
        stringAt(objectAt(resource, 'Properties'), 'QueueName') ?? stringAt(objectAt(resource, 'Properties'), 'Name'),
      policies: [stringAt(resource, 'DeletionPolicy'), stringAt(resource, 'UpdateReplacePolicy')],
    })),
  );
}

const policiesByType = (resources: readonly Resource[]) =>
  Object.fromEntries(
    STATEFUL.map((type) => [
      type,
      [...new Set(resources.filter((each) => each.type === type).map(({ policies }) => policies.join(' / ')))],
    ]),
  );

const byEnvironment = { dev: resourcesOf('dev'), staging: resourcesOf('staging'), prod: resourcesOf('prod') };

describe('the removal of a construct', () => {
  it('keeps everything that holds state in production, unless it was only just created', () => {
    expect(policiesByType(byEnvironment.prod)).toStrictEqual({
      // a rollback cannot delete a table that is protected from deletion
      'AWS::DynamoDB::Table': ['Retain / Retain'],
      'AWS::Logs::LogGroup': ['RetainExceptOnCreate / Retain'],
      'AWS::S3::Bucket': ['RetainExceptOnCreate / Retain'],
      'AWS::SQS::Queue': ['RetainExceptOnCreate / Retain'],
      'AWS::Scheduler::ScheduleGroup': ['RetainExceptOnCreate / Retain'],
      'AWS::SecretsManager::Secret': ['RetainExceptOnCreate / Retain'],
    });
  });

  it('deletes everything if data can be destroyed, except a replaced schedule group with running timers', () => {
    const gone = {
      'AWS::DynamoDB::Table': ['Delete / Delete'],
      'AWS::Logs::LogGroup': ['Delete / Delete'],
      'AWS::S3::Bucket': ['Delete / Delete'],
      'AWS::SQS::Queue': ['Delete / Delete'],
      'AWS::Scheduler::ScheduleGroup': ['Delete / Retain'],
      'AWS::SecretsManager::Secret': ['Delete / Delete'],
    };

    expect(policiesByType(byEnvironment.dev)).toStrictEqual(gone);
    expect(policiesByType(byEnvironment.staging)).toStrictEqual(gone);
  });

  it('retains no resource with a name of its own, except FIFO queues', () => {
    const named = byEnvironment.prod.filter(({ type, name }) => STATEFUL.includes(type) && name !== undefined);

    expect(named.filter(({ name }) => name?.endsWith('.fifo') !== true)).toStrictEqual([]);
  });
});

describe('the names of FIFO queues', () => {
  it.each(Object.entries(byEnvironment))('have at most 80 characters in %s', (_, resources) => {
    const lengths = resources
      .filter(({ type, logicalId }) => type === 'AWS::SQS::Queue' && !/Undeliverable|Timers/.test(logicalId))
      // what CloudFormation makes up: <stack>-<logical id>-<12 characters>, and .fifo behind it
      .map(({ stackName, logicalId, name }) => name ?? `${stackName}-${logicalId}-123456789012.fifo`)
      .map((name) => name.length);

    expect(lengths).toHaveLength(2 * 14);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(80);
  });

  it('are set for a dead-letter queue only if the name that CloudFormation generates is too long', () => {
    const named = (resources: readonly Resource[]) =>
      resources
        .filter(({ logicalId, name }) => logicalId.includes('DeadLetterQueue') && name !== undefined)
        .map(({ name }) => name);

    expect(named(byEnvironment.dev)).toStrictEqual(['WaybilldevShopOrderFulfilmentConsumerC4932B07-dlq.fifo']);
    expect(named(byEnvironment.prod)).toStrictEqual(['WaybillprodShopOrderFulfilmentConsumerD2B28C42-dlq.fifo']);
    expect(named(byEnvironment.staging)).toStrictEqual([
      'WaybillstagingShopOrderFulfilmentConsumer5BF10638-dlq.fifo',
      'WaybillstagingShopOrderOverviewConsumerB02EA938-dlq.fifo',
      'WaybillstagingShopOrderTrackingConsumerE61B3841-dlq.fifo',
      'WaybillstagingShopRevenueByDayConsumer40FB674F-dlq.fifo',
    ]);
  });
});
