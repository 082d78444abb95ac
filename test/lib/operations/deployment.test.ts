import { describe, expect, it } from 'vitest';
import {
  consumerNamed,
  type DeployedFunction,
  readDeployment,
  rebuilderOf,
  sagaNamed,
} from '../../../lib/operations/index.ts';

const VARIABLES = {
  POWERTOOLS_SERVICE_NAME: 'billing',
  WAYBILL_ENVIRONMENT_NAME: 'dev',
  WAYBILL_ORDERING: 'strict',
  WAYBILL_EVENT_TYPES: 'order.placed,order.cancelled',
  WAYBILL_EVENT_SOURCES: '/orders',
  WAYBILL_START_FROM: 'deployment',
  WAYBILL_QUEUE_URL: 'https://queues/billing.fifo',
  WAYBILL_DEAD_LETTER_QUEUE_URL: 'https://queues/billing-dead.fifo',
  WAYBILL_INBOX_TABLE_NAME: 'inbox',
  WAYBILL_INBOX_EXPIRY_SECONDS: '1555200',
  WAYBILL_CURSORS_TABLE_NAME: 'cursors',
  WAYBILL_OUTBOX_TABLE_NAME: 'outbox',
  WAYBILL_PENDING_TABLE_NAME: 'pending',
  WAYBILL_OUTBOX_RETENTION_SECONDS: '1728000',
};

const functionWith = (changes: Record<string, string | undefined> = {}): DeployedFunction => ({
  functionName: 'Billing-1',
  variables: Object.fromEntries(
    Object.entries({ ...VARIABLES, ...changes }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ),
});

describe('readDeployment', () => {
  it('finds the consumers among the functions, by name', () => {
    const relay = { functionName: 'Relay-1', variables: { WAYBILL_PENDING_TABLE_NAME: 'pending' } };
    const audit = functionWith({
      POWERTOOLS_SERVICE_NAME: 'audit',
      WAYBILL_ORDERING: 'fifo',
      WAYBILL_START_FROM: undefined,
      WAYBILL_CURSORS_TABLE_NAME: undefined,
    });

    const deployment = readDeployment([relay, functionWith(), audit]);

    expect(deployment).toMatchObject({
      environmentName: 'dev',
      outboxTableName: 'outbox',
      pendingTableName: 'pending',
      cursorsTableName: 'cursors',
      outboxRetentionSeconds: 1_728_000,
      consumers: [
        { name: 'audit', ordering: 'fifo' },
        {
          name: 'billing',
          functionName: 'Billing-1',
          ordering: 'strict',
          eventTypes: ['order.placed', 'order.cancelled'],
          queueUrl: 'https://queues/billing.fifo',
          deadLetterQueueUrl: 'https://queues/billing-dead.fifo',
          inboxTableName: 'inbox',
          inboxExpirySeconds: 1_555_200,
        },
      ],
    });
    const billing = consumerNamed(deployment, 'billing');
    expect(
      [
        { source: '/orders', type: 'order.placed' },
        { source: '/orders', type: 'order.shipped' },
        { source: '/shops', type: 'order.placed' },
      ].map(billing.takes),
    ).toStrictEqual([true, false, false]);
  });

  it('returns the source of each event type, and only the types if an older version deployed the consumer', () => {
    const takesWith = (WAYBILL_EVENT_SOURCES: string | undefined) =>
      consumerNamed(readDeployment([functionWith({ WAYBILL_EVENT_SOURCES })]), 'billing').takes;
    const placed = { source: '/orders', type: 'order.placed' };
    const cancelled = { source: '/support', type: 'order.cancelled' };
    const twin = { source: '/support', type: 'order.placed' };

    expect([placed, cancelled, twin].map(takesWith('/orders /support'))).toStrictEqual([true, true, false]);
    expect([placed, cancelled, twin].map(takesWith(undefined))).toStrictEqual([true, true, true]);
  });

  it('finds the function that rebuilds the projections', () => {
    const rebuilder = (functionName: string, environmentName: string) => ({
      functionName,
      variables: { WAYBILL_ENVIRONMENT_NAME: environmentName, WAYBILL_REBUILDS: 'overview' },
    });

    const deployment = readDeployment([functionWith(), rebuilder('Rebuild-1', 'dev'), rebuilder('Rebuild-2', 'prod')]);

    expect(deployment.rebuilders).toStrictEqual([{ projection: 'overview', functionName: 'Rebuild-1' }]);
    expect(rebuilderOf(deployment, 'overview').functionName).toBe('Rebuild-1');
    expect(() => rebuilderOf(deployment, 'revenue')).toThrow(
      expect.objectContaining({
        code: 'PROJECTION_UNKNOWN',
        message: "environment 'dev' has no projection 'revenue': choose one of overview",
      }),
    );
  });

  it('asks for the environment if there are several', () => {
    const functions = [functionWith(), functionWith({ WAYBILL_ENVIRONMENT_NAME: 'prod' })];

    expect(() => readDeployment(functions)).toThrow(
      expect.objectContaining({
        code: 'DEPLOYMENT_UNCLEAR',
        message: 'there are several environments: pass --env with one of dev, prod',
      }),
    );
    expect(readDeployment(functions, 'prod').environmentName).toBe('prod');
  });

  it.each([
    ['no consumers', [], undefined, /check the region, the account and AWS_ENDPOINT_URL/],
    ['an environment that is not there', [functionWith()], 'qa', /no environment 'qa': choose one of dev/],
    [
      'consumers of an older deployment',
      [functionWith({ WAYBILL_EVENT_TYPES: undefined, WAYBILL_START_FROM: undefined })],
      undefined,
      /Billing-1 lacks WAYBILL_EVENT_TYPES, WAYBILL_START_FROM: deploy the stacks again/,
    ],
    [
      'consumers of two hubs',
      [functionWith(), functionWith({ WAYBILL_OUTBOX_TABLE_NAME: 'outbox-2' })],
      undefined,
      /must share one WAYBILL_OUTBOX_TABLE_NAME, got outbox, outbox-2/,
    ],
  ])('refuses %s', (_what, functions, environmentName, message) => {
    expect(() => readDeployment(functions, environmentName)).toThrow(
      expect.objectContaining({ code: 'DEPLOYMENT_UNCLEAR', message: expect.stringMatching(message) }),
    );
  });

  it('refuses an unknown consumer and names the existing ones', () => {
    expect(() => consumerNamed(readDeployment([functionWith()]), 'shipping')).toThrow(
      expect.objectContaining({
        code: 'CONSUMER_UNKNOWN',
        message: "environment 'dev' has no consumer 'shipping': choose one of billing",
      }),
    );
  });

  it('refuses a name that two functions have, as consumers of two apps may', () => {
    const deployment = readDeployment([
      functionWith(),
      { ...functionWith(), functionName: 'Orders-Billing' },
      functionWith({ POWERTOOLS_SERVICE_NAME: 'shipping' }),
    ]);

    expect(() => consumerNamed(deployment, 'billing')).toThrow(
      expect.objectContaining({
        code: 'DEPLOYMENT_UNCLEAR',
        message: expect.stringMatching(
          /^one function must be consumer 'billing' of environment 'dev', got \S+ and Orders-Billing: they share inbox records and cursors/,
        ),
      }),
    );
    expect(consumerNamed(deployment, 'shipping').name).toBe('shipping');
  });

  it('refuses an unknown process manager and names the existing ones, not all consumers', () => {
    const trips = functionWith({ POWERTOOLS_SERVICE_NAME: 'trips', WAYBILL_SAGAS_TABLE_NAME: 'sagas' });

    expect(() => sagaNamed(readDeployment([functionWith()]), 'trip')).toThrow(
      expect.objectContaining({
        code: 'SAGA_UNKNOWN',
        message: "environment 'dev' has no process manager 'trip': it has none",
      }),
    );
    expect(() => sagaNamed(readDeployment([functionWith(), trips]), 'trip')).toThrow(
      "environment 'dev' has no process manager 'trip': choose one of trips",
    );
    expect(sagaNamed(readDeployment([functionWith(), trips]), 'trips').name).toBe('trips');
  });
});
