import { afterEach, describe, expect, it } from 'vitest';
import { type Endpoint, openEndpoint } from '../../../local/endpoint/endpoint.ts';
import { readTopology } from '../../../local/ledger/topology.ts';
import { type AwsClients, createAwsClients } from '../../../local/start/aws-clients.ts';
import type { Deployment } from '../../../local/template/deployment.ts';

const QUEUE = 'arn:aws:sqs:eu-west-1:123456789012:billing.fifo';
const DEAD = 'arn:aws:sqs:eu-west-1:123456789012:billing-dead.fifo';
const UNDELIVERABLE = 'arn:aws:sqs:eu-west-1:123456789012:billing-undeliverable';
const STREAM = 'arn:aws:dynamodb:eu-west-1:123456789012:table/outbox/stream/1';

const resource = (logicalId: string, arn: string | undefined) => ({
  stackName: 'Shop',
  logicalId,
  type: 'AWS::Any',
  physicalId: logicalId,
  arn,
  constructPath: logicalId,
});

const queue = (queueName: string, arn: string, deadLetterQueueArn?: string): Deployment['queues'][number] => ({
  ...resource(queueName, arn),
  kind: 'queue',
  queueName,
  url: `http://127.0.0.1/${queueName}`,
  fifo: true,
  deadLetterQueueArn,
  maxReceiveCount: undefined,
});

const rule = (more: Partial<Deployment['rules'][number]> = {}): Deployment['rules'][number] => ({
  ...resource('Rule', undefined),
  kind: 'rule',
  ruleName: 'rule',
  busName: 'bus',
  eventPattern: { 'detail-type': ['placed'] },
  scheduleExpression: undefined,
  enabled: true,
  targets: [{ id: 't', arn: QUEUE, deadLetterQueueArn: UNDELIVERABLE }],
  ...more,
});

const mapping = (functionName: string, eventSourceArn: string): Deployment['mappings'][number] => ({
  ...resource('Mapping', undefined),
  kind: 'mapping',
  functionName,
  eventSourceArn,
  onFailureArn: undefined,
  enabled: true,
});

const deploymentOf = (more: Partial<Deployment> = {}): Deployment => ({
  accountId: '123456789012',
  region: 'eu-west-1',
  outputs: new Map(),
  resources: [],
  tables: [],
  queues: [queue('billing.fifo', QUEUE, DEAD), queue('billing-dead.fifo', DEAD)],
  buses: [],
  rules: [rule()],
  functions: [],
  mappings: [mapping('relay-1', STREAM), mapping('billing-1', QUEUE)],
  roles: [],
  resourcePolicies: [],
  apis: [],
  schedules: [],
  alarms: [],
  dashboards: [],
  ...more,
});

const FUNCTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'relay-1': {
    POWERTOOLS_SERVICE_NAME: 'relay',
    WAYBILL_BUS_NAME: 'bus',
    WAYBILL_PENDING_TABLE_NAME: 'pending',
  },
  'billing-1': {
    POWERTOOLS_SERVICE_NAME: 'billing',
    WAYBILL_INBOX_TABLE_NAME: 'inbox',
    WAYBILL_OUTBOX_TABLE_NAME: 'outbox',
    WAYBILL_PENDING_TABLE_NAME: 'pending',
  },
  plain: {},
};

let opened: (AwsClients & { readonly endpoint: Endpoint }) | undefined;

afterEach(async () => {
  opened?.[Symbol.dispose]();
  await opened?.endpoint.close();
});

const read = async (deployment = deploymentOf(), functions = FUNCTIONS) => {
  const endpoint = await openEndpoint({ log: () => {} });
  const Functions = Object.entries(functions).map(([FunctionName, Variables]) => ({
    FunctionName,
    Environment: { Variables },
  }));
  endpoint.add({
    signingName: 'lambda',
    handle: async () => ({ statusCode: 200, body: JSON.stringify({ Functions }) }),
  });
  opened = { endpoint, ...createAwsClients(endpoint.url, 'eu-west-1') };
  return readTopology(deployment, opened.lambda);
};

describe('readTopology', () => {
  it('finds tables and service names in the environment of the functions', async () => {
    const topology = await read();

    expect(topology).toMatchObject({ outboxTableName: 'outbox', pendingTableName: 'pending' });
    expect([...topology.serviceNames]).toEqual([
      ['relay-1', 'relay'],
      ['billing-1', 'billing'],
      ['plain', 'plain'],
    ]);
  });

  it('treats a function with an inbox and a queue as a consumer', async () => {
    const { consumers } = await read();

    expect(consumers).toMatchObject([
      {
        name: 'billing',
        functionName: 'billing-1',
        inboxTableName: 'inbox',
        queue: { queueName: 'billing.fifo' },
        deadLetterQueueArn: DEAD,
        undeliverableQueueArns: [UNDELIVERABLE],
      },
    ]);
  });

  it('subscribes a consumer to the events of every rule that targets its queue', async () => {
    const { consumers } = await read(
      deploymentOf({ rules: [rule(), rule({ eventPattern: { 'detail-type': ['cancelled'] } })] }),
    );

    const taken = ['placed', 'cancelled', 'other'].map((type) => consumers[0]?.takes({ 'detail-type': type }));
    expect(taken).toEqual([true, true, false]);
  });

  it.each([
    ['is disabled', rule({ enabled: false })],
    ['is on another bus than the relay publishes to', rule({ busName: 'default' })],
    ['leads to another queue', rule({ targets: [{ id: 't', arn: DEAD, deadLetterQueueArn: undefined }] })],
    ['is a schedule', rule({ eventPattern: undefined, scheduleExpression: 'rate(1 minute)' })],
  ])('expects nothing from a rule that %s', async (_what, other) => {
    const { consumers } = await read(deploymentOf({ rules: [other] }));

    expect(consumers[0]?.takes({ 'detail-type': 'placed' })).toBe(false);
  });

  const table = (tableName: string, constructPath: string): Deployment['tables'][number] => ({
    ...resource(tableName, undefined),
    kind: 'table',
    tableName,
    streamArn: undefined,
    timeToLiveAttribute: undefined,
    constructPath,
  });

  const lambda = (functionName: string, constructPath: string): Deployment['functions'][number] => ({
    ...resource(functionName, undefined),
    kind: 'function',
    functionName,
    roleArn: '',
    codeFolder: '',
    logGroupName: '',
    constructPath,
  });

  it.each([
    [
      'in stages of their own',
      ['dev/Shop', 'prod/Shop'],
      "dev/Shop/Hub, left out by --without 'dev'; prod/Shop/Hub, left out by --without 'prod'",
    ],
    [
      'in one stack',
      ['Shop/Dev', 'Shop/Prod'],
      "Shop/Dev/Hub, left out by --without 'Shop/Dev'; Shop/Prod/Hub, left out by --without 'Shop/Prod'",
    ],
    [
      'side by side',
      ['Shop', 'Shop'],
      "Shop/Hub, left out by --without 'Shop/Hub' --without 'Shop/Billing'; Shop/Hub2, left out by --without 'Shop/Hub2' --without 'Shop/Billing2'",
    ],
  ])('refuses two hubs %s, and tells how to leave one out', async (_where, [first = '', second = ''], hubs) => {
    const suffix = first === second ? '2' : '';
    const deployment = deploymentOf({
      tables: [
        table('outbox', `${first}/Hub/Outbox/Resource`),
        table('outbox-2', `${second}/Hub${suffix}/Outbox/Resource`),
      ],
      functions: [
        lambda('sweeper-1', `${first}/Hub/Sweeper/Function/Resource`),
        lambda('billing-1', `${first}/Billing/Function/Resource`),
        lambda('sweeper-2', `${second}/Hub${suffix}/Sweeper/Function/Resource`),
        lambda('billing-2', `${second}/Billing${suffix}/Function/Resource`),
      ],
    });
    const one = { WAYBILL_OUTBOX_TABLE_NAME: 'outbox' };
    const two = { WAYBILL_OUTBOX_TABLE_NAME: 'outbox-2' };

    await expect(
      read(deployment, { 'sweeper-1': one, 'billing-1': one, 'sweeper-2': two, 'billing-2': two }),
    ).rejects.toMatchObject({
      code: 'LOCAL_TOPOLOGY_INCOMPLETE',
      message: `a run has one hub, and the app has 2: ${hubs}: leave all but one out, or synthesize one environment alone (--context, --env)`,
    });
  });

  it('shows an app without a hub: no outbox and no consumers', async () => {
    expect(await read(deploymentOf(), {})).toMatchObject({
      outboxTableName: undefined,
      pendingTableName: undefined,
      consumers: [],
    });
  });
});
