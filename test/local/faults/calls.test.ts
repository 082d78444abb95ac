import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import { type Caller, type JsonObject, USER } from '../../../local/endpoint/service.ts';
import { createFaultInjector, type FaultInjector } from '../../../local/faults/fault-injector.ts';
import type { FaultPlan, FaultRule } from '../../../local/faults/fault-plan.ts';

const ROLE: Caller = { kind: 'role', roleArn: 'arn:aws:iam::123456789012:role/billing', sessionName: 'billing-fn' };
const QUEUE_URL = 'http://127.0.0.1:4566/123456789012/billing.fifo';

const PUT = { service: 'DynamoDB_20120810', operation: 'PutItem', input: { TableName: 'bills' }, caller: ROLE };

function open(plan: Partial<FaultPlan> & { readonly rules: readonly FaultRule[] }) {
  const clock = createMovableClock(() => 1_000);
  const injector = createFaultInjector({ seed: 3, ...plan }, clock);
  injector.arm({ queues: [queueOf('billing.fifo', 5)] });
  return { clock, injector };
}

const queueOf = (queueName: string, maxReceiveCount: number) => ({
  kind: 'queue' as const,
  queueName,
  maxReceiveCount,
  stackName: 'Shop',
  logicalId: 'Queue',
  type: 'AWS::SQS::Queue',
  physicalId: queueName,
  arn: `arn:aws:sqs:eu-west-1:123456789012:${queueName}`,
  constructPath: 'Shop/Queue',
  url: QUEUE_URL,
  fifo: true,
  deadLetterQueueArn: undefined,
});

/** Calls the engine that answers `output`; tells whether it was reached, and what came back. */
async function send(injector: FaultInjector, call: typeof PUT | object, output: object = {}) {
  const inputs: (JsonObject | undefined)[] = [];
  const given = { ...PUT, ...call };
  const result = await injector
    .intercept(given, async (input = given.input) => {
      inputs.push(input);
      return output;
    })
    .then(
      (value) => ({ value }),
      (error: Error & { code?: string }) => ({ error: error.code }),
    );
  return { ...result, inputs };
}

const receive = (receiveCount: number, handle = 'handle') => ({
  call: { service: 'AmazonSQS', operation: 'ReceiveMessage', input: { QueueUrl: QUEUE_URL } },
  output: {
    Messages: [
      {
        MessageId: `message of ${handle}`,
        ReceiptHandle: handle,
        Attributes: { ApproximateReceiveCount: String(receiveCount) },
      },
    ],
  },
});

describe('faults between callers and engines', () => {
  it('do nothing before they are armed', async () => {
    const injector = createFaultInjector({ seed: 3, rules: [{ kind: 'throttle', oneIn: 1 }] }, createMovableClock());

    expect(await send(injector, PUT, { fine: true })).toStrictEqual({
      value: { fine: true },
      inputs: [{ TableName: 'bills' }],
    });
  });

  it('throttle a call before its engine sees it', async () => {
    const { injector } = open({ rules: [{ kind: 'throttle', oneIn: 1 }] });

    const { error, inputs } = { error: undefined, ...(await send(injector, PUT)) };

    expect(['ProvisionedThroughputExceededException', 'ThrottlingException']).toContain(error);
    expect(inputs).toStrictEqual([]);
    expect(injector.injected()).toStrictEqual([
      { kind: 'throttle', what: `dynamodb:PutItem: ${error}`, at: 1_000, count: 1 },
    ]);
  });

  it('lose the answer of a call that was carried out', async () => {
    const { injector } = open({ rules: [{ kind: 'lost-response', oneIn: 1 }] });

    const result = await send(injector, PUT);

    expect(result).toStrictEqual({ error: 'ECONNRESET', inputs: [{ TableName: 'bills' }] });
    expect(injector.injected()).toMatchObject([{ kind: 'lost-response', count: 1 }]);
  });

  it('fail part of a batch, and count against its messages only', async () => {
    const { injector } = open({ rules: [{ kind: 'partial-failure', oneIn: 1 }], mostPerMessage: 1 });
    const call = {
      service: 'AWSEvents',
      operation: 'PutEvents',
      input: { Entries: [{ Detail: '{"id":"e1"}' }] },
    };

    const first = await send(injector, call);
    const second = await send(injector, call, { FailedEntryCount: 0, Entries: [{ EventId: '1' }] });

    expect(first).toMatchObject({ value: { FailedEntryCount: 1 }, inputs: [] });
    expect(second).toMatchObject({ value: { FailedEntryCount: 0 }, inputs: [call.input] });
  });

  it('delay a call on the clock of the run', async () => {
    const { clock, injector } = open({ rules: [{ kind: 'slow-call', oneIn: 1, longestMs: 500 }] });
    let isDone = false;

    const slow = send(injector, PUT).then(() => {
      isDone = true;
    });
    await new Promise(setImmediate);
    const wasDone = isDone;
    clock.advance(500);
    await slow;

    expect(wasDone).toBe(false);
    expect(injector.injected()).toMatchObject([{ kind: 'slow-call', what: 'dynamodb:PutItem' }]);
  });

  it('hit one in N calls of an operation', async () => {
    const { injector } = open({ rules: [{ kind: 'throttle', oneIn: 4 }] });

    for (let call = 0; call < 20; call++) await send(injector, PUT);

    expect(injector.injected().reduce((sum, { count }) => sum + count, 0)).toBe(5);
  });

  it('stop at the limit of their rule and of the plan', async () => {
    const { injector } = open({
      most: 3,
      rules: [
        { kind: 'throttle', oneIn: 1, most: 2 },
        { kind: 'lost-response', oneIn: 1 },
      ],
    });

    for (let call = 0; call < 6; call++) await send(injector, PUT);

    const counts = Map.groupBy(injector.injected(), ({ kind }) => kind);
    expect(counts.get('throttle')?.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    expect(counts.get('lost-response')).toMatchObject([{ count: 1 }]);
  });

  it.each([
    ['another operation', { operations: ['dynamodb:GetItem'] }],
    ['another function', { functions: ['shipping'] }],
    ['another resource', { resources: ['orders'] }],
    ['other callers', { callers: ['service'] }],
  ] as const)('do not affect a call outside their filter: %s', async (_what, only) => {
    const { injector } = open({ rules: [{ kind: 'throttle', oneIn: 1, only }] });

    expect(await send(injector, PUT)).toMatchObject({ value: {} });
  });

  it('affect a function when their filter names part of its name', async () => {
    const only = { operations: ['dynamodb:PutItem'], functions: ['billing'], resources: ['bill'] };
    const { injector } = open({ rules: [{ kind: 'throttle', oneIn: 1, only }] });

    expect(await send(injector, PUT)).toMatchObject({ error: expect.any(String) });
  });

  it('do not affect the user unless the rule names users, and then let the third attempt through', async () => {
    const byUser = { ...PUT, caller: USER };
    const { injector: others } = open({ rules: [{ kind: 'throttle', oneIn: 1 }] });
    const { injector: users } = open({ rules: [{ kind: 'throttle', oneIn: 1, only: { callers: ['user'] } }] });

    const spared = await send(others, byUser);
    const attempts = [await send(users, byUser), await send(users, byUser), await send(users, byUser)];

    expect(spared).toHaveProperty('value');
    expect(attempts.map((attempt) => 'value' in attempt)).toStrictEqual([false, false, true]);
  });
});

describe('messages on their last receives', () => {
  const rules: readonly FaultRule[] = [{ kind: 'lost-response', oneIn: 1 }];

  it('are not lost on the way to the mapping', async () => {
    const { injector } = open({ rules });
    const early = receive(3);
    const late = receive(4);

    expect(await send(injector, early.call, early.output)).toMatchObject({ error: 'ECONNRESET' });
    expect(await send(injector, late.call, late.output)).toHaveProperty('value');
  });

  it('are deleted without trouble', async () => {
    const { injector } = open({
      rules: [{ kind: 'throttle', oneIn: 1, only: { operations: ['sqs:DeleteMessageBatch'] } }],
    });
    for (const { call, output } of [receive(3, 'early'), receive(4, 'late')]) await send(injector, call, output);
    const deletion = (handle: string) => ({
      service: 'AmazonSQS',
      operation: 'DeleteMessageBatch',
      input: { QueueUrl: QUEUE_URL, Entries: [{ Id: '0', ReceiptHandle: handle }] },
    });

    expect(await send(injector, deletion('early'))).toMatchObject({ error: 'RequestThrottled' });
    expect(await send(injector, deletion('late'))).toHaveProperty('value');
  });
});

describe('the faults of a seed', () => {
  const hitsOf = async (seed: number) => {
    const { injector } = open({
      seed,
      rules: [
        { kind: 'throttle', oneIn: 5 },
        { kind: 'lost-response', oneIn: 5 },
      ],
    });
    const hits: string[] = [];
    for (let call = 0; call < 30; call++) hits.push(JSON.stringify(await send(injector, PUT)));
    return hits;
  };

  it('are the same each time', async () => {
    expect(await hitsOf(7)).toStrictEqual(await hitsOf(7));
  });

  it('differ from those of another seed', async () => {
    expect(await hitsOf(7)).not.toStrictEqual(await hitsOf(8));
  });
});
