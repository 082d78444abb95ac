import {
  CancelMessageMoveTaskCommand,
  DeleteQueueCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
  type StartMessageMoveTaskCommandInput,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { bodies, openSqsRig, type SqsRig } from './sqs-rig.ts';

const start = (rig: SqsRig, source: string, more: Partial<StartMessageMoveTaskCommandInput> = {}) =>
  rig.client.send(new StartMessageMoveTaskCommand({ SourceArn: rig.arn(source), ...more }));

const list = async (rig: SqsRig, source: string, MaxResults = 10) =>
  (await rig.client.send(new ListMessageMoveTasksCommand({ SourceArn: rig.arn(source), MaxResults }))).Results;

/** A pair of FIFO queues with the messages in the dead-letter queue, each in a group of its own. */
const openWithDeadLetters = async (...letters: string[]) => {
  const rig = await openSqsRig();
  const [source, dlq] = await rig.createPair('q.fifo', 'dlq.fifo', 1, { VisibilityTimeout: '0' });
  for (const letter of letters) await rig.send(source, letter, `group-${letter}`);
  await rig.receive(source);
  await rig.receive(source);
  return { rig, source, dlq };
};

describe('SQS message move tasks', () => {
  it('moves dead letters back to their source queue as new messages of their groups', async () => {
    const { rig, source, dlq } = await openWithDeadLetters('1', '2');
    const [before] = await rig.receive(dlq, { max: 1, visibilityTimeout: 0 });
    rig.clock.advance(1_000);

    await start(rig, 'dlq.fifo');
    await rig.pass(1);

    const [back, ...others] = await rig.receive(source);
    expect(bodies(others)).toEqual(['2']);
    expect(back).toMatchObject({
      Body: '1',
      Attributes: {
        MessageGroupId: 'group-1',
        ApproximateReceiveCount: '1',
        // the task runs as soon as it is due: before the clock is moved, or with it
        SentTimestamp: expect.stringMatching(/^176722560100[01]$/),
      },
    });
    expect(back?.MessageId).not.toBe(before?.MessageId);
    expect(back?.Attributes?.DeadLetterQueueSourceArn).toBeUndefined();
    expect(await list(rig, 'dlq.fifo')).toEqual([
      {
        Status: 'COMPLETED',
        SourceArn: rig.arn('dlq.fifo'),
        ApproximateNumberOfMessagesMoved: 2,
        ApproximateNumberOfMessagesToMove: 2,
        StartedTimestamp: 1_767_225_601_000,
      },
    ]);
  });

  it('is reported as running until its last message is moved', async () => {
    const { rig } = await openWithDeadLetters('1', '2');

    await start(rig, 'dlq.fifo', { MaxNumberOfMessagesPerSecond: 1 });
    rig.clock.advance(1_000);
    const underWay = rig.engine.activeMoves();
    rig.clock.advance(1_000);

    expect(underWay).toBe(1);
    expect(rig.engine.activeMoves()).toBe(0);
  });

  it('is not deduplicated by the source queue', async () => {
    const { rig, source } = await openWithDeadLetters('1');

    await start(rig, 'dlq.fifo');
    await rig.pass(1);

    expect(bodies(await rig.receive(source))).toEqual(['1']);
  });

  it('moves to another queue of the same type when requested', async () => {
    const { rig } = await openWithDeadLetters('1');
    const other = await rig.create('other.fifo');

    await start(rig, 'dlq.fifo', { DestinationArn: rig.arn('other.fifo') });
    await rig.pass(1);

    expect(bodies(await rig.receive(other))).toEqual(['1']);
    expect(await list(rig, 'dlq.fifo')).toMatchObject([{ DestinationArn: rig.arn('other.fifo'), Status: 'COMPLETED' }]);
  });

  it('keeps the rate, moves the oldest first, and can be cancelled', async () => {
    const { rig, source, dlq } = await openWithDeadLetters('1', '2', '3');

    const { TaskHandle } = await start(rig, 'dlq.fifo', { MaxNumberOfMessagesPerSecond: 1 });
    rig.clock.advance(1_000);
    rig.clock.advance(1_000);
    const running = await list(rig, 'dlq.fifo');
    const cancelled = await rig.client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    rig.clock.advance(10_000);

    expect(running).toMatchObject([
      { TaskHandle, Status: 'RUNNING', MaxNumberOfMessagesPerSecond: 1, ApproximateNumberOfMessagesMoved: 2 },
    ]);
    expect(cancelled.ApproximateNumberOfMessagesMoved).toBe(2);
    expect(bodies(await rig.receive(source))).toEqual(['1', '2']);
    expect(bodies(await rig.receive(dlq))).toEqual(['3']);
    const [task] = (await list(rig, 'dlq.fifo')) ?? [];
    expect(task).toMatchObject({ Status: 'CANCELLED' });
    expect(task?.TaskHandle).toBeUndefined();
  });

  it('moves several messages per step at a high rate', async () => {
    const { rig, dlq } = await openWithDeadLetters('1', '2', '3', '4', '5', '6');

    await start(rig, 'dlq.fifo', { MaxNumberOfMessagesPerSecond: 400 });
    rig.clock.advance(10);

    expect(await rig.attribute(dlq, 'ApproximateNumberOfMessages')).toBe('2');
  });

  it('leaves messages in flight, and their groups, where they are', async () => {
    const { rig, source, dlq } = await openWithDeadLetters('1', '2');
    await rig.receive(dlq, { max: 1 });

    await start(rig, 'dlq.fifo');
    await rig.pass(1);

    expect(bodies(await rig.receive(source))).toEqual(['2']);
    expect(await list(rig, 'dlq.fifo')).toMatchObject([
      { Status: 'COMPLETED', ApproximateNumberOfMessagesToMove: 1, ApproximateNumberOfMessagesMoved: 1 },
    ]);
  });

  it('wakes a consumer that polls the source queue', async () => {
    const { rig, source } = await openWithDeadLetters('1');
    const waiting = rig.engine.service.handle(
      'ReceiveMessage',
      { QueueUrl: source, WaitTimeSeconds: 20 },
      { kind: 'user' },
    );

    await start(rig, 'dlq.fifo');
    await rig.pass(1);

    expect(await waiting).toMatchObject({ Messages: [{ Body: '1' }] });
  });

  it('fails at a message that is not a dead letter, and leaves it', async () => {
    const { rig, dlq } = await openWithDeadLetters('1');
    await rig.send(dlq, 'by hand', 'g');

    await start(rig, 'dlq.fifo');
    await rig.pass(1);

    expect(await list(rig, 'dlq.fifo')).toMatchObject([
      { Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource', ApproximateNumberOfMessagesMoved: 1 },
    ]);
    expect(bodies(await rig.receive(dlq))).toEqual(['by hand']);
  });

  it('fails when the destination is deleted meanwhile', async () => {
    const { rig } = await openWithDeadLetters('1', '2');
    const other = await rig.create('other.fifo');
    await start(rig, 'dlq.fifo', { DestinationArn: rig.arn('other.fifo'), MaxNumberOfMessagesPerSecond: 1 });

    await rig.client.send(new DeleteQueueCommand({ QueueUrl: other }));
    await rig.pass(1_000);

    expect(await list(rig, 'dlq.fifo')).toMatchObject([
      { Status: 'FAILED', FailureReason: 'AWS.SimpleQueueService.NonExistentQueue' },
    ]);
  });

  it('lists the latest task first, and only that by default', async () => {
    const { rig } = await openWithDeadLetters('1');
    await start(rig, 'dlq.fifo');
    await rig.pass(1);
    await start(rig, 'dlq.fifo', { MaxNumberOfMessagesPerSecond: 7 });

    const { Results } = await rig.client.send(new ListMessageMoveTasksCommand({ SourceArn: rig.arn('dlq.fifo') }));

    expect(Results).toMatchObject([{ MaxNumberOfMessagesPerSecond: 7 }]);
    expect(await list(rig, 'dlq.fifo')).toHaveLength(2);
  });

  it('rejects a second task of a queue while one runs', async () => {
    const { rig } = await openWithDeadLetters('1');
    await start(rig, 'dlq.fifo', { MaxNumberOfMessagesPerSecond: 1 });

    await expect(start(rig, 'dlq.fifo')).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it.each<[string, string, { destination?: string; rate?: number }, string]>([
    ['a queue that is no dead-letter queue', 'q.fifo', {}, 'InvalidParameterValue'],
    ['a queue that is not there', 'none', {}, 'ResourceNotFoundException'],
    ['itself as destination', 'dlq.fifo', { destination: 'dlq.fifo' }, 'InvalidParameterValue'],
    ['a destination of another type', 'dlq.fifo', { destination: 'plain' }, 'InvalidParameterValue'],
    ['a destination that is not there', 'dlq.fifo', { destination: 'none' }, 'ResourceNotFoundException'],
    ['a rate of 501', 'dlq.fifo', { rate: 501 }, 'InvalidParameterValue'],
  ])('rejects %s', async (_, source, { destination, rate }, code) => {
    const { rig } = await openWithDeadLetters('1');
    await rig.create('plain');

    const starting = start(rig, source, {
      ...(destination === undefined ? {} : { DestinationArn: rig.arn(destination) }),
      ...(rate === undefined ? {} : { MaxNumberOfMessagesPerSecond: rate }),
    });

    await expect(starting).rejects.toMatchObject({ Code: code });
  });

  it('refuses to cancel an unknown task or one that has ended', async () => {
    const { rig } = await openWithDeadLetters('1');
    const { TaskHandle } = await start(rig, 'dlq.fifo');
    await rig.pass(1);
    const cancel = (handle?: string) => rig.client.send(new CancelMessageMoveTaskCommand({ TaskHandle: handle }));

    await expect(cancel('nonsense')).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
    await expect(cancel(TaskHandle)).rejects.toMatchObject({ name: 'UnsupportedOperation' });
  });
});
