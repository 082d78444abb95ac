import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonService } from '../../../local/endpoint/service.ts';
import type { InvocationFacts } from '../../../local/lambda/faults.ts';
import { until } from '../../fixtures/until.ts';
import { createGate, type Gate } from './gate.ts';
import { openLambda } from './lambda-under-test.ts';

const QUEUE = 'arn:aws:sqs:eu-west-1:123456789012:orders.fifo';

type Failed = readonly { readonly Id: string; readonly SenderFault: boolean; readonly Code: string }[];

/** A queue that gives what tests put into it, and writes down what it is asked. */
function createFakeSqs() {
  const calls: [operation: string, input: JsonObject][] = [];
  const receives: ((messages: readonly string[] | Error) => void)[] = [];
  const failures: Failed[] = [];
  const service: JsonService = {
    targetPrefix: 'AmazonSQS',
    jsonVersion: '1.0',
    async handle(operation, input) {
      calls.push([operation, input]);
      if (operation === 'GetQueueUrl') return { QueueUrl: `http://queues/${String(input['QueueName'])}` };
      if (operation === 'GetQueueAttributes') return { Attributes: { VisibilityTimeout: '180' } };
      if (operation !== 'ReceiveMessage') return { Failed: failures.shift() ?? [] };
      const given = await new Promise<readonly string[] | Error>((resolve) => receives.push(resolve));
      if (given instanceof Error) throw given;
      return { Messages: given.map((body) => ({ MessageId: body, ReceiptHandle: `handle ${body}`, Body: body })) };
    },
  };
  const next = () => {
    const receive = receives.shift();
    if (receive === undefined) throw new Error('no receive waits for what the test gives');
    return receive;
  };
  return {
    service,
    failures,
    /** Receives that wait. */
    waiting: () => receives.length,
    give: (...messages: readonly string[]) => next()(messages),
    fail: (error: Error) => next()(error),
    inputs: (operation: string) => calls.filter(([name]) => name === operation).map(([, input]) => input),
  };
}

const QUIET = 'export const handler = async () => {};';
const held = ({ pass }: Gate) => `export const handler = async () => { ${pass} };`;

/** Lets pass what needs no time. */
const turn = () => new Promise(setImmediate);

describe('a queue mapping', () => {
  it('receives its batch by a long poll with all attributes', async () => {
    const sqs = createFakeSqs();
    await using host = openLambda({}, { sqs: sqs.service });
    const quiet = host.add(QUIET);

    await host.lambda.createEventSourceMapping({ functionName: quiet, eventSourceArn: QUEUE, batchSize: 4 });

    expect(sqs.inputs('GetQueueUrl')).toEqual([{ QueueName: 'orders.fifo', QueueOwnerAWSAccountId: '123456789012' }]);
    expect(sqs.inputs('ReceiveMessage')).toEqual([
      {
        QueueUrl: 'http://queues/orders.fifo',
        MaxNumberOfMessages: 4,
        WaitTimeSeconds: 20,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      },
    ]);
  });

  it('shares the poll slots of all mappings, and receives only while a slot is free', async () => {
    const sqs = createFakeSqs();
    await using host = openLambda({ mostFromMappings: 1 }, { sqs: sqs.service });
    const gate = createGate();
    const first = host.add(held(gate), { functionName: 'first' });
    const second = host.add("export const handler = async () => console.log('begun');", { functionName: 'second' });
    await host.lambda.createEventSourceMapping({ functionName: first, eventSourceArn: QUEUE });
    await host.lambda.createEventSourceMapping({ functionName: second, eventSourceArn: QUEUE });
    await until(() => sqs.waiting() === 2);

    sqs.give('a');
    sqs.give('b');
    await until(() => host.lambda.activity().invocations === 1);
    await turn();
    const received = sqs.waiting();
    const begun = host.lines.length;
    gate.open();
    await until(() => host.lines.length === 1 && sqs.waiting() === 2);

    expect({ received, begun }).toStrictEqual({ received: 0, begun: 0 });
  });

  it('releases its poll slot when its worker is frozen', async () => {
    const sqs = createFakeSqs();
    const onInvocation = ({ functionName, freeze }: InvocationFacts) => void (functionName === 'first' && freeze());
    await using host = openLambda({ mostFromMappings: 1, faults: { onInvocation } }, { sqs: sqs.service });
    const first = host.add(QUIET, { functionName: 'first' });
    const second = host.add("export const handler = async () => console.log('begun');", { functionName: 'second' });
    await host.lambda.createEventSourceMapping({ functionName: first, eventSourceArn: QUEUE });
    await host.lambda.createEventSourceMapping({ functionName: second, eventSourceArn: QUEUE });
    await until(() => sqs.waiting() === 2);

    sqs.give('a');
    sqs.give('b');
    await until(() => host.lines.length === 1);

    expect(host.lambda.waitingForTime()).toBe(1);
  });

  it('receives only while an environment is free for the messages', async () => {
    const sqs = createFakeSqs();
    await using host = openLambda({ mostEnvironments: 2 }, { sqs: sqs.service });
    const gate = createGate();
    const slow = host.add(held(gate));
    await host.lambda.createEventSourceMapping({ functionName: slow, eventSourceArn: QUEUE });

    await until(() => sqs.waiting() === 1);
    sqs.give('a');
    await until(() => sqs.waiting() === 1);
    sqs.give('b');
    await until(() => host.lambda.activity().invocations === 2);
    await turn();
    const whileFull = sqs.waiting();
    gate.open();
    await until(() => sqs.inputs('DeleteMessageBatch').length === 2);
    await until(() => sqs.waiting() > 0);

    expect(whileFull).toBe(0);
    expect(sqs.waiting()).toBe(1);
  });

  it('waits for an environment while other invocations use them all', async () => {
    const sqs = createFakeSqs();
    await using host = openLambda({ mostEnvironments: 1 }, { sqs: sqs.service });
    const gate = createGate();
    const slow = host.add(held(gate));
    const other = host.call(slow);
    await host.lambda.createEventSourceMapping({ functionName: slow, eventSourceArn: QUEUE });

    await turn();
    const whileHeld = sqs.waiting();
    gate.open();
    await other;
    await until(() => sqs.waiting() > 0);

    expect(whileHeld).toBe(0);
    expect(sqs.waiting()).toBe(1);
  });

  it('polls nothing for a function that may not run', async () => {
    const sqs = createFakeSqs();
    await using host = openLambda({}, { sqs: sqs.service });
    const off = host.add(QUIET, { reservedConcurrency: 0 });

    await host.lambda.createEventSourceMapping({ functionName: off, eventSourceArn: QUEUE });
    await turn();

    expect(sqs.waiting()).toBe(0);
  });

  it('reads the result of each delete, and retries the entries that the service failed', async () => {
    const sqs = createFakeSqs();
    await using host = openLambda({}, { sqs: sqs.service });
    const quiet = host.add(QUIET, { functionName: 'quiet' });
    await host.lambda.createEventSourceMapping({ functionName: quiet, eventSourceArn: QUEUE });
    sqs.failures.push([
      { Id: '0', SenderFault: false, Code: 'InternalError' },
      { Id: '2', SenderFault: true, Code: 'ReceiptHandleIsInvalid' },
    ]);

    sqs.give('a', 'b', 'c');
    await until(() => host.runLog.length > 0);

    expect(sqs.inputs('DeleteMessageBatch').map(({ Entries }) => Entries)).toEqual([
      [
        { Id: '0', ReceiptHandle: 'handle a' },
        { Id: '1', ReceiptHandle: 'handle b' },
        { Id: '2', ReceiptHandle: 'handle c' },
      ],
      [{ Id: '0', ReceiptHandle: 'handle a' }],
    ]);
    expect(host.runLog).toEqual(['warn quiet: message c was handled but not deleted: ReceiptHandleIsInvalid']);
  });

  it('reports that a receive failed, and retries after a second', async () => {
    const sqs = createFakeSqs();
    await using host = openLambda({}, { sqs: sqs.service });
    const quiet = host.add(QUIET, { functionName: 'quiet' });
    await host.lambda.createEventSourceMapping({ functionName: quiet, eventSourceArn: QUEUE });

    sqs.fail(new Error('gone'));
    await until(() => host.runLog.length > 0);
    const atOnce = sqs.waiting();
    host.clock.advance(1000);
    await until(() => sqs.waiting() > 0);

    expect(atOnce).toBe(0);
    expect(sqs.waiting()).toBe(1);
    expect(host.runLog).toEqual([`error quiet: cannot receive from ${QUEUE}; trying again`]);
  });

  it('returns messages to the queue if they are received after the mapping stopped', async () => {
    const sqs = createFakeSqs();
    await using host = openLambda({}, { sqs: sqs.service });
    const quiet = host.add('export const handler = async () => console.log("ran");');
    await host.lambda.createEventSourceMapping({ functionName: quiet, eventSourceArn: QUEUE });

    await host.lambda.close(0);
    sqs.give('a');
    await until(() => sqs.inputs('ChangeMessageVisibilityBatch').length > 0);
    await turn();

    expect(sqs.inputs('ChangeMessageVisibilityBatch')).toEqual([
      {
        QueueUrl: 'http://queues/orders.fifo',
        Entries: [{ Id: '0', ReceiptHandle: 'handle a', VisibilityTimeout: 0 }],
      },
    ]);
    expect(host.lines).toEqual([]);
    expect(sqs.waiting()).toBe(0);
  });

  it('does not poll while it is created disabled', async () => {
    const sqs = createFakeSqs();
    await using host = openLambda({}, { sqs: sqs.service });
    const quiet = host.add(QUIET);

    await host.lambda.createEventSourceMapping({ functionName: quiet, eventSourceArn: QUEUE, enabled: false });
    await turn();

    expect(sqs.waiting()).toBe(0);
  });

  it.each([
    ['a FIFO batch over 10', { batchSize: 11 }, 'batchSize is 11, allowed is 1 to 10'],
    [
      'a window on a FIFO queue',
      { maximumBatchingWindowSeconds: 5 },
      'maximumBatchingWindowSeconds is 5, but FIFO queues have no batching window',
    ],
    ['a concurrency of 1', { maximumConcurrency: 1 }, 'maximumConcurrency is 1, allowed is 2 to 1000'],
    [
      'a setting of streams',
      { bisectBatchOnFunctionError: true },
      'bisectBatchOnFunctionError is for streams, not for queues',
    ],
    [
      'six filters',
      { filterPatterns: ['{}', '{}', '{}', '{}', '{}', '{}'] },
      'filterPatterns has 6 patterns, allowed are 5',
    ],
  ])('refuses %s', async (_what, more, message) => {
    const sqs = createFakeSqs();
    await using host = openLambda({}, { sqs: sqs.service });
    const quiet = host.add(QUIET, { functionName: 'quiet' });

    const created = host.lambda.createEventSourceMapping({ functionName: quiet, eventSourceArn: QUEUE, ...more });

    await expect(created).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message: `mapping of ${QUEUE} to quiet: ${message}`,
    });
  });

  it('refuses a large batch of a standard queue without a window', async () => {
    await using host = openLambda();
    const quiet = host.add(QUIET);

    const created = host.lambda.createEventSourceMapping({
      functionName: quiet,
      eventSourceArn: 'arn:aws:sqs:eu-west-1:123456789012:orders',
      batchSize: 11,
    });

    await expect(created).rejects.toMatchObject({
      message: expect.stringContaining('batchSize is 11, which needs a maximumBatchingWindowSeconds of at least 1'),
    });
  });
});
