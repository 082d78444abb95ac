import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { SyncEngine, type SyncEngineProps } from '../../../infra/constructs/sync-engine.ts';
import { productSync } from '../../lib/sync/sync-rig.ts';
import { createHub, createStack, ENTRY, OrderPlaced, settingsWith } from '../test-stack.ts';

function build(props: Partial<SyncEngineProps> = {}, settings = settingsWith()) {
  const stack = createStack();
  const hub = createHub(stack, { settings });
  const engine = new SyncEngine(stack, 'Products', { hub, sync: productSync, entry: ENTRY, ...props });
  return { stack, hub, engine, template: () => Template.fromStack(stack) };
}

describe("a SyncEngine's resources", () => {
  it('are a protected table with what a tenant’s code and the schedule look for', () => {
    const settings = settingsWith({ pointInTimeRecovery: true, deletionProtection: true, removalPolicy: 'retain' });

    build({}, settings)
      .template()
      .hasResource('AWS::DynamoDB::Table', {
        Properties: {
          KeySchema: [
            { AttributeName: 'id', KeyType: 'HASH' },
            { AttributeName: 'part', KeyType: 'RANGE' },
          ],
          GlobalSecondaryIndexes: ['bySeen', 'byParked', 'byDue'].map((IndexName) => Match.objectLike({ IndexName })),
          TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          DeletionProtectionEnabled: true,
        },
        DeletionPolicy: 'Retain',
      });
  });

  it('are a consumer that handles one slice at a time, hidden for longer than its lease of 90 seconds', () => {
    const template = build().template();

    template.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 90,
      MemorySize: 1024,
      Environment: {
        Variables: Match.objectLike({
          POWERTOOLS_SERVICE_NAME: 'sync-products',
          WAYBILL_SYNC_TABLE_NAME: { Ref: Match.stringLikeRegexp('^ProductsTable') },
        }),
      },
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { BatchSize: 1 });
    template.hasResourceProperties('AWS::SQS::Queue', { FifoQueue: true, VisibilityTimeout: 540 });
  });

  it('give the function its items and two indexes, and never what is due for other tenants', () => {
    const template = build().template();
    const policies = template.findResources('AWS::IAM::Policy', {
      Properties: { Roles: [{ Ref: Match.stringLikeRegexp('^ProductsConsumerFunctionRole') }] },
    });
    const text = JSON.stringify(policies);

    expect(text).toContain('/index/bySeen');
    expect(text).toContain('/index/byParked');
    expect(text).not.toContain('byDue');
    expect(text).not.toMatch(/dynamodb:(Scan|\*)/);
  });

  it('are a schedule that ticks each minute, which finds what is due and publishes requests', () => {
    const template = build().template();

    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 minute)',
      Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ProductsTickFunction'), 'Arn'] } })],
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 55,
      Environment: {
        Variables: Match.objectLike({
          WAYBILL_SYNC: JSON.stringify({
            name: 'products',
            providers: { supplier: { everyMinutes: 15, deletes: { kind: 'reconcile', everyHours: 24 } } },
          }),
          WAYBILL_SYNC_TABLE_NAME: { Ref: Match.stringLikeRegexp('^ProductsTable') },
          WAYBILL_OUTBOX_TABLE_NAME: Match.anyValue(),
        }),
      },
    });
    const policies = template.findResources('AWS::IAM::Policy', {
      Properties: { Roles: [{ Ref: Match.stringLikeRegexp('^ProductsTickFunctionRole') }] },
    });
    const text = JSON.stringify(policies);
    expect(text).toContain('/index/byDue');
    expect(text).not.toMatch(/byParked|bySeen|dynamodb:(Scan|DeleteItem|\*)/);
  });

  it('have no schedule where it is switched off', () => {
    const { engine, template } = build({ scheduled: false });

    expect(engine.tick).toBeUndefined();
    const rules = Object.values(template().findResources('AWS::Events::Rule'));
    expect(
      rules.filter(
        ({ Properties }) => Properties.ScheduleExpression !== undefined && Properties.Description?.includes('products'),
      ),
    ).toStrictEqual([]);
  });

  it('are shared with a sync that refers to its records', () => {
    const { stack, hub, engine, template } = build();
    new SyncEngine(stack, 'Prices', {
      hub,
      sync: { ...productSync, name: 'prices' },
      entry: ENTRY,
      table: engine.table,
    });

    expect(
      Object.keys(template().findResources('AWS::DynamoDB::Table')).filter((id) => /^(Products|Prices)/.test(id)),
    ).toHaveLength(1);
  });

  it('can be used by a function or a role that writes changes to a provider', () => {
    const { stack, engine, template } = build();
    const role = new Role(stack, 'Task', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });

    engine.grantUse(role);

    template().hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^Task') }],
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'].map(
              (action) => `dynamodb:${action}`,
            ),
          }),
          Match.objectLike({ Action: 'dynamodb:Query' }),
        ],
      },
    });
  });
});

describe('SyncEngine', () => {
  it('refuses a timeout in which a slice and its last page have no room', () => {
    expect(() => build({ timeout: Duration.seconds(60) })).toThrow(
      "SyncEngine 'Test/Products' cannot be built:\n  - timeout must be a whole number of seconds from 75 to 300, got 60: a slice takes pages for 60 seconds and needs time for its last page; a crashed run is hidden for six timeouts",
    );
  });

  it('names every prop that is missing or of another kind', () => {
    const stack = createStack();

    // @ts-expect-error the app runs without a type check
    expect(() => new SyncEngine(stack, 'Products', { sync: OrderPlaced })).toThrow(
      "SyncEngine 'Test/Products' cannot be built:\n  - hub must be given, got nothing\n  - sync must be the result of defineSync, got another object\n  - entry must be given, got nothing",
    );
  });
});
