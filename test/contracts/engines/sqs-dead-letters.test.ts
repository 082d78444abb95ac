import { DeleteMessageCommand, DeleteQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { bodies, openSqsBench, type SqsBench } from './sqs-bench.ts';

/** Receives and lets the visibility timeout of 10 seconds pass. */
const fail = async (bench: SqsBench, queueUrl: string, max = 1) => {
  const received = await bench.receive(queueUrl, { max });
  bench.clock.advance(10_000);
  return bodies(received);
};

const visibility = { VisibilityTimeout: '10' };

describe('SQS dead letters', () => {
  it('moves a message on the receive after maxReceiveCount, and lets the next of its group pass', async () => {
    const bench = await openSqsBench();
    const [source, dlq] = await bench.createPair('q.fifo', 'dlq.fifo', 2, visibility);
    for (const body of ['poison', 'next']) await bench.send(source, body, 'g');

    expect(await fail(bench, source)).toEqual(['poison']);
    expect(await fail(bench, source)).toEqual(['poison']);
    expect(await bench.attribute(dlq, 'ApproximateNumberOfMessages')).toBe('0');
    expect(await fail(bench, source)).toEqual(['next']);
    expect(await bench.attribute(dlq, 'ApproximateNumberOfMessages')).toBe('1');
  });

  it('keeps id and group of a FIFO dead letter, replaces its deduplication id and starts its age anew', async () => {
    const bench = await openSqsBench();
    const [source, dlq] = await bench.createPair('q.fifo', 'dlq.fifo', 1, visibility);
    const sent = await bench.client.send(
      new SendMessageCommand({
        QueueUrl: source,
        MessageBody: 'poison',
        MessageGroupId: 'g',
        MessageAttributes: { a: { DataType: 'String', StringValue: 'v' } },
      }),
    );
    await fail(bench, source);
    await bench.receive(source);

    const [letter] = await bench.receive(dlq);

    expect(letter).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'poison',
      MessageAttributes: { a: { DataType: 'String', StringValue: 'v' } },
      Attributes: {
        MessageGroupId: 'g',
        MessageDeduplicationId: sent.MessageId,
        SentTimestamp: '1767225610000',
        DeadLetterQueueSourceArn: 'arn:aws:sqs:eu-central-1:000000000000:q.fifo',
      },
    });
  });

  it('keeps the age of a standard dead letter, which may expire in the dead-letter queue', async () => {
    const bench = await openSqsBench();
    const [source, dlq] = await bench.createPair('q', 'dlq', 1, visibility);
    await bench.send(source, 'poison');
    await fail(bench, source);
    await bench.receive(source);

    const [letter] = await bench.receive(dlq, { visibilityTimeout: 0 });
    bench.clock.advance(345_600_000 - 10_000);

    expect(letter?.Attributes?.SentTimestamp).toBe('1767225600000');
    expect(await bench.receive(dlq)).toEqual([]);
  });

  it('moves what a failed batch carried along, in order', async () => {
    const bench = await openSqsBench();
    const [source, dlq] = await bench.createPair('q.fifo', 'dlq.fifo', 1, visibility);
    for (const body of ['1', '2', '3']) await bench.send(source, body, 'g');

    await fail(bench, source, 2);
    const rest = await bench.receive(source);

    expect(bodies(rest)).toEqual(['3']);
    expect(bodies(await bench.receive(dlq))).toEqual(['1', '2']);
  });

  it('wakes a consumer that waits at the dead-letter queue', async () => {
    const bench = await openSqsBench();
    const [source, dlq] = await bench.createPair('q.fifo', 'dlq.fifo', 1, visibility);
    await bench.send(source, 'poison', 'g');
    await fail(bench, source);
    const waiting = bench.receive(dlq, { wait: 20 });

    await bench.receive(source);

    expect(bodies(await waiting)).toEqual(['poison']);
  });

  it('goes on delivering when the dead-letter queue is gone', async () => {
    const bench = await openSqsBench();
    const [source, dlq] = await bench.createPair('q.fifo', 'dlq.fifo', 1, visibility);
    await bench.send(source, 'poison', 'g');
    await bench.client.send(new DeleteQueueCommand({ QueueUrl: dlq }));

    await fail(bench, source);
    const [again] = await bench.receive(source);

    expect(again?.Attributes?.ApproximateReceiveCount).toBe('2');
  });

  it('counts receives from the arrival when the dead-letter queue has one of its own', async () => {
    const bench = await openSqsBench();
    await bench.create('last');
    const RedrivePolicy = '{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:000000000000:last","maxReceiveCount":1}';
    const dlq = await bench.create('dlq', { RedrivePolicy });
    const target = '{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:000000000000:dlq","maxReceiveCount":2}';
    const source = await bench.create('q', { ...visibility, RedrivePolicy: target });
    await bench.send(source, 'poison');
    await fail(bench, source);
    await fail(bench, source);
    await bench.receive(source);

    expect(bodies(await bench.receive(dlq))).toEqual(['poison']);
  });

  it.each([
    ['of another type', 'dlq', 'Dead-letter queue must be same type of queue as the source.'],
    ['that is not there', 'none.fifo', 'Dead letter target does not exist.'],
  ])('rejects a dead-letter queue %s', async (_, name, reason) => {
    const bench = await openSqsBench();
    await bench.create('dlq');
    const RedrivePolicy = `{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:000000000000:${name}","maxReceiveCount":3}`;

    const creating = bench.create('q.fifo', { RedrivePolicy });

    await expect(creating).rejects.toMatchObject({
      Code: 'InvalidParameterValue',
      message: `Value ${RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
    });
  });

  it.each([
    ['maxReceiveCount 0', '"maxReceiveCount":0'],
    ['maxReceiveCount 1001', '"maxReceiveCount":1001'],
    ['no maxReceiveCount', '"other":1'],
  ])('rejects a redrive policy with %s', async (_, member) => {
    const bench = await openSqsBench();
    await bench.create('dlq');
    const RedrivePolicy = `{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:000000000000:dlq",${member}}`;

    await expect(bench.create('q', { RedrivePolicy })).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it('rejects a source that the redrive allow policy does not name', async () => {
    const bench = await openSqsBench();
    await bench.create('dlq', {
      RedriveAllowPolicy: JSON.stringify({
        redrivePermission: 'byQueue',
        sourceQueueArns: ['arn:aws:sqs:eu-central-1:000000000000:friend'],
      }),
    });
    const RedrivePolicy = '{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:000000000000:dlq","maxReceiveCount":3}';

    await expect(bench.create('stranger', { RedrivePolicy })).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
    await expect(bench.create('friend', { RedrivePolicy })).resolves.toContain('/friend');
  });

  it('takes the receipt handle of a dead letter in the dead-letter queue only', async () => {
    const bench = await openSqsBench();
    const [source, dlq] = await bench.createPair('q.fifo', 'dlq.fifo', 1, visibility);
    await bench.send(source, 'poison', 'g');
    await fail(bench, source);
    await bench.receive(source);
    const [letter] = await bench.receive(dlq);
    const remove = (QueueUrl: string) =>
      bench.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: letter?.ReceiptHandle }));

    await expect(remove(source)).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
    await remove(dlq);
    expect(await bench.attribute(dlq, 'ApproximateNumberOfMessagesNotVisible')).toBe('0');
  });
});
