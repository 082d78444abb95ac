import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { handlersFor } from '../../../lib/consumer/index.ts';
import { defineSubscription } from '../../../lib/definitions/index.ts';
import { consumer } from '../../../lib/runtime/consumer.ts';
import type { ConsumerRuntime } from '../../../lib/runtime/consumer-runtime.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';

const banking = defineSubscription({ name: 'banking', events: [Deposited], ordering: 'fifo' });
const auditing = defineSubscription({ name: 'auditing', events: [Deposited], ordering: 'fifo' });

const onDeposit = { 'com.example.account.deposited': () => {} };

/** What the EventConsumer construct of `banking` sets. */
const VARIABLES = {
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
};

describe('a consumer in one expression', () => {
  beforeEach(() => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    for (const [name, value] of Object.entries(VARIABLES)) vi.stubEnv(name, value);
    // it tells that no DynamoDB is there to note its settings in
    vi.spyOn(console, 'warn').mockImplementation(() => {});
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it.each([
    ['handlers', onDeposit],
    ['a function that returns handlers', () => onDeposit],
    ['a function that returns what handlersFor joined', () => handlersFor(banking, onDeposit)],
  ])('accepts %s', async (_, handlers) => {
    const handler = consumer(banking, handlers);

    expect(await handler({ Records: [] }, lambdaContext())).toStrictEqual({ batchItemFailures: [] });
  });

  it('builds the runtime once, and passes it to the function that creates the handlers', () => {
    const runtimes: ConsumerRuntime<typeof banking>[] = [];
    consumer(banking, (runtime) => {
      runtimes.push(runtime);
      return onDeposit;
    });

    expect(runtimes.map(({ subscription, maxReceiveCount }) => [subscription?.name, maxReceiveCount])).toStrictEqual([
      ['banking', 5],
    ]);
  });

  it('refuses to start if the function was not created by a construct, and names the missing variables', () => {
    vi.stubEnv('WAYBILL_QUEUE_URL', '');

    expect(() => consumer(banking, onDeposit)).toThrow(expect.objectContaining({ code: 'ENVIRONMENT_INCOMPLETE' }));
  });

  it('refuses handlers that were joined with another subscription', () => {
    // @ts-expect-error of another subscription
    expect(() => consumer(banking, () => handlersFor(auditing, onDeposit))).toThrow(
      expect.objectContaining({ code: 'CONSUMER_WIRING' }),
    );
  });

  it('does not compile without a handler for each event type', () => {
    const both = defineSubscription({ name: 'banking', events: [Deposited, Audited], ordering: 'fifo' });

    // @ts-expect-error no handler of Audited
    expect(() => consumer(both, onDeposit)).toThrow(expect.objectContaining({ code: 'CONSUMER_HANDLERS_INVALID' }));
  });

  it('gives each handler the data of its event type', () => {
    consumer(banking, {
      'com.example.account.deposited': ({ data }) => {
        expectTypeOf(data).toHaveProperty('accountId');
      },
    });
  });
});
