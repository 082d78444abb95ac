import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import {
  type ProjectedView,
  ReadModel,
  type ReadModelProps,
  type ViewQueries,
} from '../../../infra/constructs/read-model.ts';
import { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { defineSubscription } from '../../../lib/definitions/index.ts';
import { createHub, createStack, ENTRY, OrderPlaced, settingsWith } from '../test-stack.ts';

const subscription = defineSubscription({ name: 'overview', events: [OrderPlaced], startFrom: 'horizon' });

const ITEMS: ProjectedView = {
  name: 'overview',
  kind: 'items',
  subscription,
  view: {
    partitionKey: { name: 'orderId', type: 'S' },
    indexes: [{ name: 'byStatus', partitionKey: { name: 'status', type: 'S' } }],
  },
};

const COUNTERS: ProjectedView = { ...ITEMS, kind: 'counters', view: { partitionKey: { name: 'day', type: 'S' } } };

function createReadModel(props: Partial<ReadModelProps> = {}) {
  const stack = createStack();
  const hub = createHub(stack);
  hub.registerProducer(stack, [OrderPlaced]);
  const readModel = new ReadModel(stack, 'View', {
    hub,
    projection: ITEMS,
    entry: ENTRY,
    rebuildEntry: ENTRY,
    ...props,
  });
  return { stack, readModel };
}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** What a function may do to DynamoDB: table (or index) and actions. */
function grantsOf(template: Template, role: string): Readonly<Record<string, readonly string[]>> {
  const grants: Record<string, string[]> = {};
  for (const [id, { Properties }] of Object.entries(template.findResources('AWS::IAM::Policy'))) {
    if (!id.startsWith(role)) continue;
    for (const { Action, Resource } of Properties.PolicyDocument.Statement as readonly Statement[]) {
      for (const resource of [Resource].flat()) {
        const [, table = ''] = /"(View(?:Table|State)|HubOutbox)/.exec(JSON.stringify(resource)) ?? [];
        const [index = ''] = /index\/\w+/.exec(JSON.stringify(resource)) ?? [];
        if (table === '') continue;
        const name = `${table}${index === '' ? '' : `/${index}`}`;
        grants[name] = [...(grants[name] ?? []), ...[Action].flat().map((action) => action.replace('dynamodb:', ''))];
      }
    }
  }
  return Object.fromEntries(Object.entries(grants).map(([name, actions]) => [name, actions.toSorted()]));
}

const queriedWith = (queries: ViewQueries, props: Partial<ReadModelProps> = {}) => {
  const { stack, readModel } = createReadModel(props);
  const reader = new WaybillFunction(stack, 'Query', { entry: ENTRY, serviceName: 'query', settings: settingsWith() });
  readModel.grantQuery(reader, queries);
  return grantsOf(Template.fromStack(stack), 'QueryRole');
};

describe('ReadModel', () => {
  it('lets its consumer read and put items and move positions, and delete items only if events delete them', () => {
    const consumerOf = (props: Partial<ReadModelProps>) =>
      grantsOf(Template.fromStack(createReadModel(props).stack), 'ViewConsumer');

    expect(consumerOf({})).toMatchObject({ ViewTable: ['GetItem', 'PutItem'], ViewState: ['GetItem', 'PutItem'] });
    expect(consumerOf({ deletesItems: true })).toMatchObject({ ViewTable: ['DeleteItem', 'GetItem', 'PutItem'] });
    expect(consumerOf({ projection: COUNTERS })).toMatchObject({ ViewTable: ['UpdateItem'] });
  });

  it('lets its rebuild read the log and clean the view, and sets the variables of the rebuild', () => {
    const template = Template.fromStack(createReadModel().stack);

    expect(grantsOf(template, 'ViewRebuild')).toStrictEqual({
      ViewTable: ['BatchWriteItem', 'GetItem', 'PutItem', 'Scan'],
      ViewState: ['GetItem', 'PutItem', 'Query'],
      HubOutbox: ['DescribeTable', 'Query', 'Scan'],
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 300,
      Environment: {
        Variables: Match.objectLike({
          WAYBILL_REBUILDS: 'overview',
          WAYBILL_ENVIRONMENT_NAME: 'default',
          POWERTOOLS_SERVICE_NAME: 'overview-rebuild',
        }),
      },
    });
  });

  it('lets a function only query the view', () => {
    expect(queriedWith({ items: true })).toStrictEqual({ ViewState: ['GetItem'], ViewTable: ['GetItem'] });
    expect(queriedWith({ partitions: true, indexes: ['byStatus'] })).toStrictEqual({
      ViewState: ['GetItem'],
      ViewTable: ['Query'],
      'ViewTable/index/byStatus': ['Query'],
    });
  });

  it('has an alarm for a late view, and one for a failed rebuild', () => {
    const stack = createStack();
    const hub = createHub(stack, { settings: settingsWith({ alarmsEnabled: true }) });
    hub.registerProducer(stack, [OrderPlaced]);
    new ReadModel(stack, 'View', {
      hub,
      projection: ITEMS,
      entry: ENTRY,
      rebuildEntry: ENTRY,
      maxLag: Duration.seconds(90),
    });
    const template = Template.fromStack(stack);

    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'CommitToHandled',
      Dimensions: [{ Name: 'service', Value: 'overview' }],
      ExtendedStatistic: 'p90',
      Threshold: 90_000,
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Errors',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp('^ViewRebuild') } }],
    });
  });

  it.each<[string, Partial<ReadModelProps>, string]>([
    ['a rebuild that is not there', { rebuildEntry: 'functions/none.ts' }, 'rebuildEntry'],
    ['a lag of a day and more', { maxLag: Duration.days(2) }, 'maxLag'],
    ['counters that delete', { projection: COUNTERS, deletesItems: true }, 'deletesItems must be left out'],
  ])('rejects %s', (_, props, message) => {
    expect(() => createReadModel(props)).toThrow(
      expect.objectContaining({ code: 'WIRING_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it('rejects an empty grant, a grant for an unknown index, and a grant for single items of counters', () => {
    expect(() => queriedWith({})).toThrow('got nothing: items, partitions or indexes');
    expect(() => queriedWith({ indexes: ['byDay'] })).toThrow("got 'byDay': choose from byStatus");
    expect(() => queriedWith({ items: true }, { projection: COUNTERS })).toThrow('got items: an item of counters');
  });
});

describe('ReadModel without props', () => {
  it('lists every missing prop', () => {
    const stack = createStack();

    // @ts-expect-error the app runs without a type check
    expect(() => new ReadModel(stack, 'It', {})).toThrow(
      "ReadModel 'Test/It' cannot be built:\n  - hub must be given, got nothing\n  - projection must be given, got nothing\n  - entry must be given, got nothing\n  - rebuildEntry must be given, got nothing",
    );
  });
});
