import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { defineSubscription } from '../../../lib/definitions/index.ts';
import { createConsumerRuntime } from '../../../lib/runtime/consumer-runtime.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';

const banking = defineSubscription({ name: 'banking', events: [Deposited, Audited], ordering: 'fifo' });

/** What the EventConsumer construct of `banking` sets. */
const VARIABLES = {
  POWERTOOLS_SERVICE_NAME: 'banking',
  WAYBILL_TENANCY: 'none',
  WAYBILL_OUTBOX_TABLE_NAME: 'outbox',
  WAYBILL_PENDING_TABLE_NAME: 'pending',
  WAYBILL_OUTBOX_RETENTION_SECONDS: '1555200',
  WAYBILL_INBOX_TABLE_NAME: 'inbox',
  WAYBILL_INBOX_EXPIRY_SECONDS: '1555200',
  WAYBILL_CURSORS_TABLE_NAME: 'cursors',
  WAYBILL_QUEUE_URL: 'http://127.0.0.1:9/000000000000/banking.fifo',
  WAYBILL_MAX_RECEIVE_COUNT: '5',
  WAYBILL_VISIBILITY_TIMEOUT_SECONDS: '180',
  WAYBILL_QUEUE_RETENTION_SECONDS: '345600',
  WAYBILL_EVENT_TYPES: 'com.example.account.deposited,com.example.audit.noted',
  WAYBILL_EVENT_SOURCES: '/accounts /audit',
  WAYBILL_ORDERING: 'fifo',
};

const DIFFERENT =
  "consumer 'banking' has different subscriptions in its construct and in its code: ordering is 'fifo' in the code and 'strict' in the construct; the code takes 'com.example.audit.noted' from '/audit' and the construct does not; the construct takes 'com.example.account.closed' from '/accounts' and the code does not; give both the same one";

const OTHER_CONSTRUCT = {
  ...VARIABLES,
  WAYBILL_EVENT_TYPES: 'com.example.account.deposited,com.example.account.closed',
  WAYBILL_EVENT_SOURCES: '/accounts',
  WAYBILL_ORDERING: 'strict',
};

describe('the runtime of a consumer', () => {
  const warned: unknown[] = [];

  beforeEach(() => {
    warned.length = 0;
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    vi.spyOn(console, 'warn').mockImplementation((line: string) => void warned.push(JSON.parse(line).message));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it.each([
    ['of the same subscription', VARIABLES],
    ['of an older version, which said no sources', { ...VARIABLES, WAYBILL_EVENT_SOURCES: undefined }],
    ['that says nothing of a subscription', { ...VARIABLES, WAYBILL_ORDERING: undefined }],
  ])('starts in a construct %s', (_, variables) => {
    expect(createConsumerRuntime(banking, variables).subscription).toBe(banking);
    expect(warned).toStrictEqual([]);
  });

  it.each([
    ['with the commit', 'says so', 'commit', 0],
    ['before the handler', 'says so', 'before', 1],
    ['before the handler', 'is of an older version, which says nothing', undefined, 1],
  ])('claims an event %s if its construct %s', async (_when, _if, claim, puts) => {
    const dynamoDb = mockClient(DynamoDBClient);
    onTestFinished(() => dynamoDb.restore());
    dynamoDb.on(PutItemCommand).resolves({});
    const { inbox } = createConsumerRuntime(banking, { ...VARIABLES, WAYBILL_CLAIM: claim });

    await inbox.once({ source: '/accounts', id: 'e1' }, async () => undefined, lambdaContext());

    expect(dynamoDb.commandCalls(PutItemCommand)).toHaveLength(puts);
  });

  it('does not start under the name of another consumer, and names both', () => {
    expect(() => createConsumerRuntime(banking, { ...VARIABLES, POWERTOOLS_SERVICE_NAME: 'savings' })).toThrow(
      expect.objectContaining({
        code: 'CONSUMER_WIRING',
        message:
          "the construct declares consumer 'savings', but its code serves subscription 'banking': give the construct the entry of 'savings', or both the same subscription",
      }),
    );
  });

  it('fails the synthesis when construct and code differ in ordering or event types', () => {
    expect(() => createConsumerRuntime(banking, { ...OTHER_CONSTRUCT, WAYBILL_LOADED_AT_SYNTH: 'true' })).toThrow(
      expect.objectContaining({ code: 'CONSUMER_WIRING', message: DIFFERENT }),
    );
  });

  it('continues with a warning in Lambda, because a deployment may have changed only one of the two', () => {
    createConsumerRuntime(banking, OTHER_CONSTRUCT);

    expect(warned).toStrictEqual([DIFFERENT]);
  });
});
