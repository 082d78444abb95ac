import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, it } from 'vitest';
import { openSqsRig, type SqsRig } from './sqs-rig.ts';

let rig: SqsRig;

beforeEach(async () => {
  rig = await openSqsRig();
});

const send = (QueueUrl: string, MessageBody: string, MessageDeduplicationId?: string, attribute?: string) =>
  rig.client.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody,
      MessageGroupId: 'g',
      ...(MessageDeduplicationId === undefined ? {} : { MessageDeduplicationId }),
      ...(attribute === undefined
        ? {}
        : { MessageAttributes: { kind: { DataType: 'String', StringValue: attribute } } }),
    }),
  );
const bodiesOf = async (queueUrl: string) => (await rig.receive(queueUrl)).map(({ Body }) => Body);

describe('a duplicate in a FIFO queue', () => {
  it('is recognized by the deduplication id of its sender before its content', async () => {
    const queueUrl = await rig.create('work.fifo');

    await send(queueUrl, 'same', '1');
    await send(queueUrl, 'same', '2');

    expect(await bodiesOf(queueUrl)).toStrictEqual(['same', 'same']);
  });

  it('is answered with its own digests and the id of the first message', async () => {
    const queueUrl = await rig.create('work.fifo');

    const first = await send(queueUrl, 'one', 'id', 'a');
    const second = await send(queueUrl, 'two', 'id', 'b');

    expect(second.MessageId).toBe(first.MessageId);
    expect(first).toMatchObject({
      MD5OfMessageBody: 'f97c5d29941bfb1b2fdab0874906ab82',
      MD5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(second.MD5OfMessageBody).toBe('b8a9f715dbb64fd5c56e7783c6820a61');
    expect(second.MD5OfMessageAttributes).not.toBe(first.MD5OfMessageAttributes);
  });

  it('is still recognized when the first message has become a dead letter', async () => {
    const [queueUrl, deadLetters] = await rig.createPair('work.fifo', 'dead.fifo', 1, { VisibilityTimeout: '0' });
    const first = await send(queueUrl, 'one', 'id');
    await rig.receive(queueUrl);
    await rig.receive(queueUrl);

    const second = await send(queueUrl, 'two', 'id');

    expect(second.MessageId).toBe(first.MessageId);
    expect(await bodiesOf(queueUrl)).toStrictEqual([]);
    expect(await bodiesOf(deadLetters)).toStrictEqual(['one']);
  });

  it('is not recognized in the dead-letter queue, because the first message has its message id as deduplication id', async () => {
    const [queueUrl, deadLetters] = await rig.createPair('work.fifo', 'dead.fifo', 1, { VisibilityTimeout: '0' });
    const { MessageId } = await send(queueUrl, 'one', 'id');
    await rig.receive(queueUrl);
    await rig.receive(queueUrl);
    await send(deadLetters, 'two', 'id');

    const { Messages = [] } = await rig.client.send(
      new ReceiveMessageCommand({ QueueUrl: deadLetters, MaxNumberOfMessages: 10, AttributeNames: ['All'] }),
    );

    expect(Messages.map(({ Body, Attributes }) => [Body, Attributes?.MessageDeduplicationId])).toStrictEqual([
      ['one', MessageId],
      ['two', 'id'],
    ]);
  });
});

describe('a message with a delay of 0', () => {
  it('keeps the delay of its FIFO queue', async () => {
    const queueUrl = await rig.create('work.fifo', { DelaySeconds: '5' });

    await rig.client.send(
      new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'm', MessageGroupId: 'g', DelaySeconds: 0 }),
    );

    expect(await bodiesOf(queueUrl)).toStrictEqual([]);
    expect(await rig.attribute(queueUrl, 'ApproximateNumberOfMessagesDelayed')).toBe('1');
  });
});

describe('a message with a group', () => {
  it('may be sent to a standard queue', async () => {
    const queueUrl = await rig.create('work');

    await rig.send(queueUrl, 'm', 'g');

    expect(await rig.receive(queueUrl)).toMatchObject([{ Body: 'm', Attributes: { MessageGroupId: 'g' } }]);
  });
});
