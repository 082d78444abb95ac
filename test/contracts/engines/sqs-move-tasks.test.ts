import {
  CancelMessageMoveTaskCommand,
  DeleteQueueCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
  type StartMessageMoveTaskCommandInput,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { bodies, openSqsBench, type SqsBench } from './sqs-bench.ts';

const arn = (name: string) => `arn:aws:sqs:eu-central-1:000000000000:${name}`;

const start = (bench: SqsBench, source: string, more: Partial<StartMessageMoveTaskCommandInput> = {}) =>
  bench.client.send(new StartMessageMoveTaskCommand({ SourceArn: arn(source), ...more }));

const list = async (bench: SqsBench, source: string, MaxResults = 10) =>
  (await bench.client.send(new ListMessageMoveTasksCommand({ SourceArn: arn(source), MaxResults }))).Results;

/** A pair of FIFO queues with the messages in the dead-letter queue, each in a group of its own. */
const openWithDeadLetters = async (...letters: string[]) => {
  const bench = await openSqsBench();
  const [source, dlq] = await bench.createPair('q.fifo', 'dlq.fifo', 1, { VisibilityTimeout: '10' });
  for (const letter of letters) await bench.send(source, letter, `group-${letter}`);
  await bench.receive(source);
  bench.clock.advance(10_000);
  await bench.receive(source);
  return { bench, source, dlq };
};

describe('SQS message move tasks', () => {
  it('moves dead letters back to where they came from, as new messages of their groups', async () => {
    const { bench, source, dlq } = await openWithDeadLetters('1', '2');
    const [before] = await bench.receive(dlq, { max: 1, visibilityTimeout: 0 });
    bench.clock.advance(1_000);

    await start(bench, 'dlq.fifo');
    bench.clock.advance(1);

    const [back, ...others] = await bench.receive(source);
    expect(bodies(others)).toEqual(['2']);
    expect(back).toMatchObject({
      Body: '1',
      Attributes: { MessageGroupId: 'group-1', ApproximateReceiveCount: '1', SentTimestamp: '1767225611001' },
    });
    expect(back?.MessageId).not.toBe(before?.MessageId);
    expect(back?.Attributes?.DeadLetterQueueSourceArn).toBeUndefined();
    expect(await list(bench, 'dlq.fifo')).toEqual([
      {
        Status: 'COMPLETED',
        SourceArn: arn('dlq.fifo'),
        ApproximateNumberOfMessagesMoved: 2,
        ApproximateNumberOfMessagesToMove: 2,
        StartedTimestamp: 1_767_225_611_000,
      },
    ]);
  });

  it('is not swallowed by the deduplication of the source', async () => {
    const { bench, source } = await openWithDeadLetters('1');

    await start(bench, 'dlq.fifo');
    bench.clock.advance(1);

    expect(bodies(await bench.receive(source))).toEqual(['1']);
  });

  it('moves to another queue of the same type when told', async () => {
    const { bench } = await openWithDeadLetters('1');
    const other = await bench.create('other.fifo');

    await start(bench, 'dlq.fifo', { DestinationArn: arn('other.fifo') });
    bench.clock.advance(1);

    expect(bodies(await bench.receive(other))).toEqual(['1']);
    expect(await list(bench, 'dlq.fifo')).toMatchObject([{ DestinationArn: arn('other.fifo'), Status: 'COMPLETED' }]);
  });

  it('holds the rate, the oldest first, and can be cancelled', async () => {
    const { bench, source, dlq } = await openWithDeadLetters('1', '2', '3');

    const { TaskHandle } = await start(bench, 'dlq.fifo', { MaxNumberOfMessagesPerSecond: 1 });
    bench.clock.advance(1_000);
    bench.clock.advance(1_000);
    const running = await list(bench, 'dlq.fifo');
    const cancelled = await bench.client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    bench.clock.advance(10_000);

    expect(running).toMatchObject([
      { TaskHandle, Status: 'RUNNING', MaxNumberOfMessagesPerSecond: 1, ApproximateNumberOfMessagesMoved: 2 },
    ]);
    expect(cancelled.ApproximateNumberOfMessagesMoved).toBe(2);
    expect(bodies(await bench.receive(source))).toEqual(['1', '2']);
    expect(bodies(await bench.receive(dlq))).toEqual(['3']);
    const [task] = (await list(bench, 'dlq.fifo')) ?? [];
    expect(task).toMatchObject({ Status: 'CANCELLED' });
    expect(task?.TaskHandle).toBeUndefined();
  });

  it('moves several messages per step at a high rate', async () => {
    const { bench, dlq } = await openWithDeadLetters('1', '2', '3', '4', '5', '6');

    await start(bench, 'dlq.fifo', { MaxNumberOfMessagesPerSecond: 400 });
    bench.clock.advance(10);

    expect(await bench.attribute(dlq, 'ApproximateNumberOfMessages')).toBe('2');
  });

  it('leaves messages in flight, and their groups, where they are', async () => {
    const { bench, source, dlq } = await openWithDeadLetters('1', '2');
    await bench.receive(dlq, { max: 1 });

    await start(bench, 'dlq.fifo');
    bench.clock.advance(1);

    expect(bodies(await bench.receive(source))).toEqual(['2']);
    expect(await list(bench, 'dlq.fifo')).toMatchObject([
      { Status: 'COMPLETED', ApproximateNumberOfMessagesToMove: 1, ApproximateNumberOfMessagesMoved: 1 },
    ]);
  });

  it('wakes the consumer that waits at the source', async () => {
    const { bench, source } = await openWithDeadLetters('1');
    const waiting = bench.sqs.service.handle(
      'ReceiveMessage',
      { QueueUrl: source, WaitTimeSeconds: 20 },
      { kind: 'user' },
    );

    await start(bench, 'dlq.fifo');
    bench.clock.advance(1);

    expect(await waiting).toMatchObject({ Messages: [{ Body: '1' }] });
  });

  it('fails at a message that no queue sent there, and leaves it', async () => {
    const { bench, dlq } = await openWithDeadLetters('1');
    await bench.send(dlq, 'by hand', 'g');

    await start(bench, 'dlq.fifo');
    bench.clock.advance(1);

    expect(await list(bench, 'dlq.fifo')).toMatchObject([
      { Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource', ApproximateNumberOfMessagesMoved: 1 },
    ]);
    expect(bodies(await bench.receive(dlq))).toEqual(['by hand']);
  });

  it('fails when the destination is deleted meanwhile', async () => {
    const { bench } = await openWithDeadLetters('1', '2');
    const other = await bench.create('other.fifo');
    await start(bench, 'dlq.fifo', { DestinationArn: arn('other.fifo'), MaxNumberOfMessagesPerSecond: 1 });

    await bench.client.send(new DeleteQueueCommand({ QueueUrl: other }));
    bench.clock.advance(1_000);

    expect(await list(bench, 'dlq.fifo')).toMatchObject([
      { Status: 'FAILED', FailureReason: 'AWS.SimpleQueueService.NonExistentQueue' },
    ]);
  });

  it('lists the latest task first, and only that by default', async () => {
    const { bench } = await openWithDeadLetters('1');
    await start(bench, 'dlq.fifo');
    bench.clock.advance(1);
    await start(bench, 'dlq.fifo', { MaxNumberOfMessagesPerSecond: 7 });

    const { Results } = await bench.client.send(new ListMessageMoveTasksCommand({ SourceArn: arn('dlq.fifo') }));

    expect(Results).toMatchObject([{ MaxNumberOfMessagesPerSecond: 7 }]);
    expect(await list(bench, 'dlq.fifo')).toHaveLength(2);
  });

  it('rejects a second task of a queue while one runs', async () => {
    const { bench } = await openWithDeadLetters('1');
    await start(bench, 'dlq.fifo', { MaxNumberOfMessagesPerSecond: 1 });

    await expect(start(bench, 'dlq.fifo')).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it.each([
    ['a queue that is no dead-letter queue', 'q.fifo', {}, 'InvalidParameterValue'],
    ['a queue that is not there', 'none', {}, 'ResourceNotFoundException'],
    ['itself as destination', 'dlq.fifo', { DestinationArn: arn('dlq.fifo') }, 'InvalidParameterValue'],
    ['a destination of another type', 'dlq.fifo', { DestinationArn: arn('plain') }, 'InvalidParameterValue'],
    ['a destination that is not there', 'dlq.fifo', { DestinationArn: arn('none') }, 'ResourceNotFoundException'],
    ['a rate of 501', 'dlq.fifo', { MaxNumberOfMessagesPerSecond: 501 }, 'InvalidParameterValue'],
  ])('rejects %s', async (_, source, more, code) => {
    const { bench } = await openWithDeadLetters('1');
    await bench.create('plain');

    await expect(start(bench, source, more)).rejects.toMatchObject({ Code: code });
  });

  it('rejects to cancel what is no task or runs no more', async () => {
    const { bench } = await openWithDeadLetters('1');
    const { TaskHandle } = await start(bench, 'dlq.fifo');
    bench.clock.advance(1);
    const cancel = (handle?: string) => bench.client.send(new CancelMessageMoveTaskCommand({ TaskHandle: handle }));

    await expect(cancel('nonsense')).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
    await expect(cancel(TaskHandle)).rejects.toMatchObject({ name: 'UnsupportedOperation' });
  });
});
