import { beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock, type MovableClock } from '../../../local/clock.ts';
import { AwsError } from '../../../local/endpoint/aws-error.ts';
import { USER } from '../../../local/endpoint/service.ts';
import { createEventBridge, type EventBridge } from '../../../local/eventbridge/eventbridge.ts';
import type { DeliveryFault } from '../../../local/eventbridge/faults.ts';

const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:123456789012:billing';

let clock: MovableClock;
let bus: EventBridge;
/** Details as the target got them. */
let delivered: string[];
let refusalOf: (attempt: number) => AwsError | undefined;
/** Attributes of what went to the dead-letter queue. */
let dead: Readonly<Record<string, string>>[];
/** What the dead-letter queue answers before it takes a message. */
let deadRefusals: AwsError[];
let faultOf: (detail: unknown) => DeliveryFault | undefined;

const call = (operation: string, input: Record<string, unknown>) => bus.service.handle(operation, input, USER);

const put = (...numbers: readonly number[]) =>
  call('PutEvents', {
    Entries: numbers.map((n) => ({ Source: 'shop', DetailType: 'placed', Detail: JSON.stringify({ n }) })),
  });

beforeEach(async () => {
  clock = createMovableClock(() => 1_000_000);
  delivered = [];
  faultOf = () => undefined;
  refusalOf = () => undefined;
  dead = [];
  deadRefusals = [];
  let ids = 0;
  bus = createEventBridge({
    clock,
    region: 'eu-west-1',
    accountId: '123456789012',
    log: () => {},
    newId: () => `id-${++ids}`,
    random: () => 0.5,
    targets: { sqs: async ({ input }) => void delivered.push(JSON.parse(input).detail.n) },
    sendToDeadLetterQueue: async (_arn, _body, attributes) => {
      const refusal = deadRefusals.shift();
      if (refusal !== undefined) throw refusal;
      dead.push(attributes);
    },
    faults: {
      onDelivery: ({ event }) => faultOf(event['detail']),
      onAttempt: (_delivery, attempt) => refusalOf(attempt),
    },
  });
  await call('PutRule', { Name: 'all', EventPattern: '{"source":["shop"]}' });
  await call('PutTargets', {
    Rule: 'all',
    Targets: [{ Id: 'billing', Arn: QUEUE_ARN, DeadLetterConfig: { Arn: `${QUEUE_ARN}-dead` } }],
  });
});

const isNumber = (detail: unknown, n: number) => JSON.stringify(detail) === JSON.stringify({ n });

describe('a delivery', () => {
  it('is repeated after the given time', async () => {
    faultOf = () => ({ againAfterMs: 60_000 });

    await put(1);
    const atOnce = [...delivered];
    clock.advance(60_000);

    expect(atOnce).toStrictEqual([1]);
    expect(delivered).toStrictEqual([1, 1]);
    await new Promise(setImmediate);
    expect(bus.pendingDeliveries()).toBe(0);
  });

  it('lets the next one to its target pass', async () => {
    faultOf = (detail) => (isNumber(detail, 1) ? { overtakenWithinMs: 60_000 } : undefined);

    await put(1, 2, 3);

    expect(delivered).toStrictEqual([2, 1, 3]);
    clock.advance(60_000);
    expect(delivered).toStrictEqual([2, 1, 3]);
  });

  it('continues by itself when no later delivery overtakes it', async () => {
    faultOf = () => ({ overtakenWithinMs: 60_000 });

    await put(1);
    const before = [...delivered];
    clock.advance(60_000);

    expect(before).toStrictEqual([]);
    expect(delivered).toStrictEqual([1]);
  });
});

/** Lets pass what needs no time. */
const turn = () => new Promise(setImmediate);

describe('an attempt at a delivery', () => {
  it('is retried when it is throttled', async () => {
    refusalOf = (attempt) => (attempt === 1 ? new AwsError('ThrottlingException', 'Rate exceeded') : undefined);

    await put(1);
    await turn();
    const atOnce = [...delivered];
    clock.advance(1_000);
    await turn();

    expect(atOnce).toStrictEqual([]);
    expect(delivered).toStrictEqual([1]);
    expect(dead).toStrictEqual([]);
  });

  it('goes to the dead-letter queue at once when the target denies it', async () => {
    refusalOf = () => new AwsError('AccessDenied', 'no', { statusCode: 403 });

    await put(1);
    await turn();

    expect(delivered).toStrictEqual([]);
    expect(dead).toStrictEqual([
      {
        RULE_ARN: 'arn:aws:events:eu-west-1:123456789012:rule/all',
        TARGET_ARN: QUEUE_ARN,
        ERROR_CODE: 'NO_PERMISSIONS',
        ERROR_MESSAGE: 'AccessDenied: no',
        RETRY_ATTEMPTS: '0',
      },
    ]);
  });

  it('is not lost when the dead-letter queue throttles', async () => {
    refusalOf = () => new AwsError('AccessDenied', 'no', { statusCode: 403 });
    deadRefusals = [new AwsError('RequestThrottled', 'slow down'), new AwsError('RequestThrottled', 'slow down')];

    await put(1);
    await turn();
    const atOnce = [...dead];
    clock.advance(1_000);
    await turn();
    clock.advance(2_000);
    await turn();

    expect(atOnce).toStrictEqual([]);
    expect(dead).toMatchObject([{ ERROR_CODE: 'NO_PERMISSIONS' }]);
    expect(bus.pendingDeliveries()).toBe(0);
  });
});
