import { DeleteMessageCommand, DeleteQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { bodies, openSqsRig, type SqsRig } from './sqs-rig.ts';

/** Receives and lets the visibility timeout of 10 seconds pass. */
const fail = async (rig: SqsRig, queueUrl: string, max = 1) => {
  const received = await rig.receive(queueUrl, { max });
  rig.clock.advance(10_000);
  return bodies(received);
};

const visibility = { VisibilityTimeout: '10' };

describe('SQS dead letters', () => {
  it('moves a message on the receive after maxReceiveCount, and unblocks its group', async () => {
    const rig = await openSqsRig();
    const [source, dlq] = await rig.createPair('q.fifo', 'dlq.fifo', 2, visibility);
    for (const body of ['poison', 'next']) await rig.send(source, body, 'g');

    expect(await fail(rig, source)).toEqual(['poison']);
    expect(await fail(rig, source)).toEqual(['poison']);
    expect(await rig.attribute(dlq, 'ApproximateNumberOfMessages')).toBe('0');
    expect(await fail(rig, source)).toEqual(['next']);
    expect(await rig.attribute(dlq, 'ApproximateNumberOfMessages')).toBe('1');
  });

  it('keeps id and group of a FIFO dead letter, and resets its deduplication id and its age', async () => {
    const rig = await openSqsRig();
    const [source, dlq] = await rig.createPair('q.fifo', 'dlq.fifo', 1, visibility);
    const sent = await rig.client.send(
      new SendMessageCommand({
        QueueUrl: source,
        MessageBody: 'poison',
        MessageGroupId: 'g',
        MessageAttributes: { a: { DataType: 'String', StringValue: 'v' } },
      }),
    );
    await fail(rig, source);
    await rig.receive(source);

    const [letter] = await rig.receive(dlq);

    expect(letter).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'poison',
      MessageAttributes: { a: { DataType: 'String', StringValue: 'v' } },
      Attributes: {
        MessageGroupId: 'g',
        MessageDeduplicationId: sent.MessageId,
        SentTimestamp: '1767225610000',
        DeadLetterQueueSourceArn: rig.arn('q.fifo'),
      },
    });
  });

  it('keeps the age of a standard dead letter, which may expire in the dead-letter queue', async () => {
    const rig = await openSqsRig();
    const [source, dlq] = await rig.createPair('q', 'dlq', 1, visibility);
    await rig.send(source, 'poison');
    await fail(rig, source);
    await rig.receive(source);

    const [letter] = await rig.receive(dlq, { visibilityTimeout: 0 });
    rig.clock.advance(345_600_000 - 10_000);

    expect(letter?.Attributes?.SentTimestamp).toBe('1767225600000');
    expect(await rig.receive(dlq)).toEqual([]);
  });

  it('moves all messages of a failed batch, in order', async () => {
    const rig = await openSqsRig();
    const [source, dlq] = await rig.createPair('q.fifo', 'dlq.fifo', 1, visibility);
    for (const body of ['1', '2', '3']) await rig.send(source, body, 'g');

    await fail(rig, source, 2);
    const rest = await rig.receive(source);

    expect(bodies(rest)).toEqual(['3']);
    expect(bodies(await rig.receive(dlq))).toEqual(['1', '2']);
  });

  it('wakes a consumer that waits at the dead-letter queue', async () => {
    const rig = await openSqsRig();
    const [source, dlq] = await rig.createPair('q.fifo', 'dlq.fifo', 1, visibility);
    await rig.send(source, 'poison', 'g');
    await fail(rig, source);
    const waiting = rig.receive(dlq, { wait: 20 });

    await rig.receive(source);

    expect(bodies(await waiting)).toEqual(['poison']);
  });

  it('continues to deliver when the dead-letter queue is deleted', async () => {
    const rig = await openSqsRig();
    const [source, dlq] = await rig.createPair('q.fifo', 'dlq.fifo', 1, visibility);
    await rig.send(source, 'poison', 'g');
    await rig.client.send(new DeleteQueueCommand({ QueueUrl: dlq }));

    await fail(rig, source);
    const [again] = await rig.receive(source);

    expect(again?.Attributes?.ApproximateReceiveCount).toBe('2');
  });

  it('counts receives from the arrival when the dead-letter queue has one of its own', async () => {
    const rig = await openSqsRig();
    await rig.create('last');
    const RedrivePolicy = `{"deadLetterTargetArn":"${rig.arn('last')}","maxReceiveCount":1}`;
    const dlq = await rig.create('dlq', { RedrivePolicy });
    const target = `{"deadLetterTargetArn":"${rig.arn('dlq')}","maxReceiveCount":2}`;
    const source = await rig.create('q', { ...visibility, RedrivePolicy: target });
    await rig.send(source, 'poison');
    await fail(rig, source);
    await fail(rig, source);
    await rig.receive(source);

    expect(bodies(await rig.receive(dlq))).toEqual(['poison']);
  });

  it.each([
    ['of another type', 'dlq', 'Dead-letter queue must be same type of queue as the source.'],
    ['that is not there', 'none.fifo', 'Dead letter target does not exist.'],
  ])('rejects a dead-letter queue %s', async (_, name, reason) => {
    const rig = await openSqsRig();
    await rig.create('dlq');
    const RedrivePolicy = `{"deadLetterTargetArn":"${rig.arn(name)}","maxReceiveCount":3}`;

    const creating = rig.create('q.fifo', { RedrivePolicy });

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
    const rig = await openSqsRig();
    await rig.create('dlq');
    const RedrivePolicy = `{"deadLetterTargetArn":"${rig.arn('dlq')}",${member}}`;

    await expect(rig.create('q', { RedrivePolicy })).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it('rejects a source that the redrive allow policy does not name', async () => {
    const rig = await openSqsRig();
    await rig.create('dlq', {
      RedriveAllowPolicy: JSON.stringify({
        redrivePermission: 'byQueue',
        sourceQueueArns: [rig.arn('friend')],
      }),
    });
    const RedrivePolicy = `{"deadLetterTargetArn":"${rig.arn('dlq')}","maxReceiveCount":3}`;

    await expect(rig.create('stranger', { RedrivePolicy })).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
    await expect(rig.create('friend', { RedrivePolicy })).resolves.toMatch(/friend$/);
  });

  it('accepts the receipt handle of a dead letter in the dead-letter queue only', async () => {
    const rig = await openSqsRig();
    const [source, dlq] = await rig.createPair('q.fifo', 'dlq.fifo', 1, visibility);
    await rig.send(source, 'poison', 'g');
    await fail(rig, source);
    await rig.receive(source);
    const [letter] = await rig.receive(dlq);
    const remove = (QueueUrl: string) =>
      rig.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: letter?.ReceiptHandle }));

    await expect(remove(source)).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
    await remove(dlq);
    expect(await rig.attribute(dlq, 'ApproximateNumberOfMessagesNotVisible')).toBe('0');
  });
});
