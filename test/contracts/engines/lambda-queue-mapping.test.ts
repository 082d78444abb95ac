import {
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { createGate } from '../../local/lambda/gate.ts';
import { depthOf, type LambdaRig, openLambdaRig, type Queue } from './lambda-rig.ts';

/** Tells the bodies and receive counts of its batch, then does as `behave` says. */
const consumer = (behave = '') => `
  export const handler = async ({ Records }) => {
    console.log(JSON.stringify(Records.map((r) => r.body + '#' + r.attributes.ApproximateReceiveCount)));
    ${behave}
  };`;

const failing = (body: string) => `
  const bad = Records.filter((r) => r.body === '${body}');
  return { batchItemFailures: bad.map((r) => ({ itemIdentifier: r.messageId })) };`;

const send = (rig: LambdaRig, queue: Queue, group: string, ...bodies: readonly string[]) =>
  rig.sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: queue.url,
      Entries: bodies.map((MessageBody, index) => ({
        Id: String(index),
        MessageBody,
        ...(queue.arn.endsWith('.fifo') ? { MessageGroupId: group } : {}),
      })),
    }),
  );

const GONE = { visible: 0, inFlight: 0 };

describe('an event source mapping on a queue with a throttled function', () => {
  it('retries until the visibility timeout of the messages ends, then leaves them to the queue with one receive counted', async () => {
    await using rig = await openLambdaRig();
    const gate = createGate();
    const queue = await rig.queue('orders.fifo', { VisibilityTimeout: '60' });
    rig.add('consumer', consumer(`if (Records[0].body === 'a') { ${gate.pass} }`), {
      timeoutSeconds: 50,
      reservedConcurrency: 1,
    });
    await rig.map(queue.arn, 'consumer', { batchSize: 1 });

    await send(rig, queue, 'g1', 'a');
    await rig.tells(1);
    await send(rig, queue, 'g2', 'b');
    while (rig.troubles.length === 0) {
      if ((await depthOf(rig, queue)).inFlight === 2) rig.clock.advance(100);
    }
    gate.open();
    await rig.settled();
    rig.clock.advance(60_000);

    expect(await rig.tells(2)).toEqual([['a#1'], ['b#2']]);
    expect(rig.troubles).toEqual([`error a batch of ${queue.arn} was not settled; it comes again`]);
  });
});

describe('an event source mapping on a queue', () => {
  it('passes messages as Lambda records', async () => {
    await using rig = await openLambdaRig();
    const queue = await rig.queue('orders.fifo');
    rig.add('teller', 'export const handler = async (event) => console.log(JSON.stringify(event));');
    await rig.sqs.send(
      new SendMessageCommand({
        QueueUrl: queue.url,
        MessageBody: 'hello',
        MessageGroupId: 'g1',
        MessageAttributes: {
          text: { DataType: 'String', StringValue: 'x' },
          bytes: { DataType: 'Binary', BinaryValue: Buffer.from('y') },
        },
      }),
    );

    await rig.map(queue.arn, 'teller');
    const [event] = await rig.tells(1);
    await rig.settled();

    expect(event).toEqual({
      Records: [
        {
          messageId: expect.any(String),
          receiptHandle: expect.any(String),
          body: 'hello',
          attributes: expect.objectContaining({
            ApproximateReceiveCount: '1',
            MessageGroupId: 'g1',
            SentTimestamp: expect.any(String),
            SequenceNumber: expect.any(String),
            MessageDeduplicationId: expect.any(String),
          }),
          messageAttributes: {
            text: { stringValue: 'x', stringListValues: [], binaryListValues: [], dataType: 'String' },
            bytes: { binaryValue: 'eQ==', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
          },
          md5OfBody: '5d41402abc4b2a76b9719d911017c592',
          md5OfMessageAttributes: expect.any(String),
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:orders.fifo',
          awsRegion: 'eu-west-1',
        },
      ],
    });
    expect(await depthOf(rig, queue)).toEqual(GONE);
  });

  it('delivers waiting and later messages, in order within a group', async () => {
    await using rig = await openLambdaRig();
    const queue = await rig.queue('orders.fifo');
    rig.add('consumer', consumer());
    await send(rig, queue, 'g1', 'a', 'b', 'c');

    await rig.map(queue.arn, 'consumer');
    await rig.tells(1);
    await send(rig, queue, 'g1', 'd');
    const told = await rig.tells(2);
    await rig.settled();

    expect(told).toEqual([['a#1', 'b#1', 'c#1'], ['d#1']]);
    expect(await depthOf(rig, queue)).toEqual(GONE);
  });

  it('keeps only the messages that the response names', async () => {
    await using rig = await openLambdaRig();
    const queue = await rig.queue('orders', { VisibilityTimeout: '60' });
    rig.add('consumer', consumer(failing('b')));
    await send(rig, queue, '', 'a', 'b', 'c');

    await rig.map(queue.arn, 'consumer', { reportBatchItemFailures: true });
    await rig.tells(1);
    await rig.settled();
    const depth = await depthOf(rig, queue);
    rig.clock.advance(60_000);
    const told = await rig.tells(2);

    expect(depth).toEqual({ visible: 0, inFlight: 1 });
    expect(told).toEqual([['a#1', 'b#1', 'c#1'], ['b#2']]);
  });

  it.each([
    ['an empty list', 'return { batchItemFailures: [] };'],
    ['a null list', 'return { batchItemFailures: null };'],
    ['an empty object', 'return {};'],
    ['nothing', ''],
  ])('treats %s as success', async (_what, behave) => {
    await using rig = await openLambdaRig();
    const queue = await rig.queue('orders', { VisibilityTimeout: '60' });
    rig.add('consumer', consumer(behave));
    await send(rig, queue, '', 'a', 'b');

    await rig.map(queue.arn, 'consumer', { reportBatchItemFailures: true });
    await rig.tells(1);
    await rig.settled();

    expect(await depthOf(rig, queue)).toEqual(GONE);
  });

  it.each([
    ['throws', 'throw new Error("no");'],
    ['exits', 'process.exit(1);'],
    ['names a message that it did not get', 'return { batchItemFailures: [{ itemIdentifier: "other" }] };'],
    ['names an empty identifier', 'return { batchItemFailures: [{ itemIdentifier: "" }] };'],
    ['names a null identifier', 'return { batchItemFailures: [{ itemIdentifier: null }] };'],
    ['misspells the member', 'return { batchItemFailures: [{ id: Records[0].messageId }] };'],
    ['gives no list', 'return { batchItemFailures: "all" };'],
    ['gives text', 'return "done";'],
  ])('returns the whole batch after its visibility timeout when the function %s', async (_what, behave) => {
    await using rig = await openLambdaRig();
    const queue = await rig.queue('orders.fifo', { VisibilityTimeout: '60' });
    rig.add('consumer', consumer(behave));
    await send(rig, queue, 'g1', 'a', 'b');

    await rig.map(queue.arn, 'consumer', { reportBatchItemFailures: true });
    await rig.tells(1);
    await rig.settled();
    const depth = await depthOf(rig, queue);
    rig.clock.advance(60_000);
    const told = await rig.tells(2);

    expect(depth).toEqual({ visible: 0, inFlight: 2 });
    expect(told).toEqual([
      ['a#1', 'b#1'],
      ['a#2', 'b#2'],
    ]);
  });

  it('returns the whole batch when the function runs out of time', async () => {
    await using rig = await openLambdaRig();
    const queue = await rig.queue('orders.fifo', { VisibilityTimeout: '60' });
    rig.add('consumer', consumer('await new Promise((r) => setTimeout(r, 60_000));'));
    await send(rig, queue, 'g1', 'a');

    await rig.map(queue.arn, 'consumer');
    await rig.tells(1);
    rig.clock.advance(10_000);
    await rig.settled();

    expect(await depthOf(rig, queue)).toEqual({ visible: 0, inFlight: 1 });
    expect(rig.troubles).toEqual(['warn a batch of 1 messages failed as a whole']);
  });

  it('runs up to its maximum concurrency, with groups in parallel', async () => {
    await using rig = await openLambdaRig();
    const queue = await rig.queue('orders.fifo');
    const gate = createGate();
    rig.add(
      'consumer',
      `import { threadId } from 'node:worker_threads';
       export const handler = async ({ Records }) => {
         const [{ body }] = Records;
         console.log(JSON.stringify({ body, thread: threadId }));
         ${gate.pass}
         console.log(JSON.stringify({ done: body }));
       };`,
    );
    for (const group of ['g1', 'g2', 'g3']) await send(rig, queue, group, group);

    await rig.map(queue.arn, 'consumer', { batchSize: 1, maximumConcurrency: 2 });
    await rig.tells(2);
    const whileFull = await depthOf(rig, queue);
    gate.open();
    const told = await rig.tells(6);

    expect(whileFull).toEqual({ visible: 1, inFlight: 2 });
    const steps = told.map((each) => Object.keys(each as object)[0]);
    expect(steps.slice(0, 3)).toEqual(['body', 'body', 'done']);
    expect(steps.filter((step) => step === 'done')).toHaveLength(3);
  });

  it('gathers batches of a standard queue over its window', async () => {
    await using rig = await openLambdaRig();
    const queue = await rig.queue('orders');
    rig.add('consumer', consumer());

    await rig.map(queue.arn, 'consumer', { batchSize: 100, maximumBatchingWindowSeconds: 30 });
    await send(rig, queue, '', 'a', 'b');
    await send(rig, queue, '', 'c');
    rig.clock.advance(31_000);
    const told = await rig.tells(1);

    expect(told).toEqual([['a#1', 'b#1', 'c#1']]);
  });

  it('deletes messages that its filters do not match', async () => {
    await using rig = await openLambdaRig();
    const queue = await rig.queue('orders.fifo');
    rig.add('consumer', consumer());
    await send(rig, queue, 'g1', '{"kind":"A"}', '{"kind":"B"}', 'text');

    await rig.map(queue.arn, 'consumer', { filterPatterns: ['{"body":{"kind":["B"]}}'] });
    const told = await rig.tells(1);
    await rig.settled();

    expect(told).toEqual([['{"kind":"B"}#1']]);
    expect(await depthOf(rig, queue)).toEqual(GONE);
  });

  it('stops and continues by its Enabled setting', async () => {
    await using rig = await openLambdaRig();
    const queue = await rig.queue('orders.fifo');
    rig.add('consumer', consumer());
    const { uuid } = await rig.map(queue.arn, 'consumer', { batchSize: 7, maximumConcurrency: 2 });

    const disabled = await rig.lambda.send(new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: false }));
    await send(rig, queue, 'g1', 'a');
    await rig.settled();
    const depth = await depthOf(rig, queue);
    await rig.lambda.send(new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: true }));
    const told = await rig.tells(1);
    await rig.settled();
    const enabled = await rig.lambda.send(new GetEventSourceMappingCommand({ UUID: uuid }));
    const listed = await rig.lambda.send(new ListEventSourceMappingsCommand({ FunctionName: 'consumer' }));

    expect(disabled.State).toBe('Disabled');
    expect(depth).toEqual({ visible: 1, inFlight: 0 });
    expect(told).toHaveLength(1);
    expect(enabled).toMatchObject({
      UUID: uuid,
      State: 'Enabled',
      BatchSize: 7,
      EventSourceArn: queue.arn,
      FunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:consumer',
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    expect(listed.EventSourceMappings?.map(({ UUID }) => UUID)).toEqual([uuid]);
  });

  it('refuses changes other than Enabled, and a mapping that does not exist', async () => {
    await using rig = await openLambdaRig();
    const queue = await rig.queue('orders.fifo');
    rig.add('consumer', consumer());
    const { uuid } = await rig.map(queue.arn, 'consumer');

    const change = rig.lambda.send(new UpdateEventSourceMappingCommand({ UUID: uuid, BatchSize: 3 }));
    await expect(change).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    const unknown = rig.lambda.send(new GetEventSourceMappingCommand({ UUID: 'none' }));
    await expect(unknown).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('refuses a function that may run longer than the visibility timeout', async () => {
    await using rig = await openLambdaRig();
    const queue = await rig.queue('orders.fifo', { VisibilityTimeout: '30' });
    rig.add('consumer', consumer(), { timeoutSeconds: 60 });

    await expect(rig.map(queue.arn, 'consumer')).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message: 'Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds',
    });
  });

  it('refuses a second mapping of the same queue to the same function', async () => {
    await using rig = await openLambdaRig();
    const queue = await rig.queue('orders.fifo');
    rig.add('consumer', consumer());
    const { uuid } = await rig.map(queue.arn, 'consumer');

    await expect(rig.map(queue.arn, 'consumer')).rejects.toMatchObject({
      code: 'ResourceConflictException',
      message: `An event source mapping with SQS arn (" ${queue.arn} ") and function (" consumer ") already exists. Please update or delete the existing mapping with UUID ${uuid}`,
    });
  });
});
