import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { needsOwnEngine } from './endpoint-under-test.ts';
import { bodies, openSqsRig, type SqsRig } from './sqs-rig.ts';

const remove = (rig: SqsRig, QueueUrl: string, ReceiptHandle: string | undefined) =>
  rig.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));

const changeVisibility = (rig: SqsRig, QueueUrl: string, ReceiptHandle: string | undefined, seconds: number) =>
  rig.client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: seconds }));

describe('SQS FIFO: sending', () => {
  it('rejects a message without a group', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');

    const sending = rig.client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));

    await expect(sending).rejects.toMatchObject({
      Code: 'MissingParameter',
      message: 'The request must contain the parameter MessageGroupId.',
    });
  });

  it('rejects a message without a deduplication id when the queue does not deduplicate by content', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo', { ContentBasedDeduplication: 'false' });

    await expect(rig.send(QueueUrl, 'a', 'g')).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it.each([
    ['a space', 'order 1'],
    ['129 characters', 'g'.repeat(129)],
    ['a letter beyond ASCII', 'größe'],
  ])('rejects a group id with %s', async (_, groupId) => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');

    await expect(rig.send(QueueUrl, 'a', groupId)).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it('accepts every ASCII punctuation character in a group id', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');

    await rig.send(QueueUrl, 'a', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

    const [message] = await rig.receive(QueueUrl);
    expect(message?.Attributes?.MessageGroupId).toBe('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');
  });

  it('rejects a delay of a single message', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');

    const sending = rig.client.send(
      new SendMessageCommand({ QueueUrl, MessageBody: 'a', MessageGroupId: 'g', DelaySeconds: 2 }),
    );

    await expect(sending).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });
});

describe('SQS FIFO: deduplication', () => {
  const sendAs = (rig: SqsRig, QueueUrl: string, id: string, MessageBody: string, MessageGroupId = 'g') =>
    rig.client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId, MessageDeduplicationId: id }));

  it('answers a duplicate, even with another body, as the first and delivers one message', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');

    const first = await sendAs(rig, QueueUrl, 'id-1', 'first');
    const second = await sendAs(rig, QueueUrl, 'id-1', 'second');

    expect(second.MessageId).toBe(first.MessageId);
    expect(second.SequenceNumber).toBe(first.SequenceNumber);
    expect(bodies(await rig.receive(QueueUrl))).toEqual(['first']);
  });

  it('uses the SHA-256 of the body if a message has no deduplication id', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');

    await rig.send(QueueUrl, 'hello', 'g');
    await rig.send(QueueUrl, 'hello', 'g');

    const messages = await rig.receive(QueueUrl);
    expect(messages).toHaveLength(1);
    expect(messages[0]?.Attributes?.MessageDeduplicationId).toBe(
      '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    );
  });

  it('ignores a duplicate of a deleted message for five minutes', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');
    await rig.send(QueueUrl, 'a', 'g');
    const [message] = await rig.receive(QueueUrl);
    await remove(rig, QueueUrl, message?.ReceiptHandle);

    rig.clock.advance(299_999);
    await rig.send(QueueUrl, 'a', 'g');
    const before = await rig.receive(QueueUrl);
    rig.clock.advance(1);
    await rig.send(QueueUrl, 'a', 'g');
    const after = await rig.receive(QueueUrl);

    expect(bodies(before)).toEqual([]);
    expect(bodies(after)).toEqual(['a']);
  });

  it('recognizes an id in the whole queue by default', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');

    await sendAs(rig, QueueUrl, 'id-1', 'a', 'g1');
    await sendAs(rig, QueueUrl, 'id-1', 'b', 'g2');

    expect(bodies(await rig.receive(QueueUrl))).toEqual(['a']);
  });

  it('recognizes an id only in its group if the scope is messageGroup', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo', {
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });

    await sendAs(rig, QueueUrl, 'id-1', 'a', 'g1');
    await sendAs(rig, QueueUrl, 'id-1', 'b', 'g2');
    await sendAs(rig, QueueUrl, 'id-1', 'c', 'g2');

    expect(bodies(await rig.receive(QueueUrl))).toEqual(['a', 'b']);
  });
});

describe('SQS FIFO: receiving', () => {
  it('gives several messages of a group in one receive, in order, with all system attributes', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');
    const sent = await rig.client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'one',
        MessageGroupId: 'g',
        MessageDeduplicationId: 'd1',
        MessageSystemAttributes: {
          AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5e1b4151-43a0913a12345678' },
        },
      }),
    );
    await rig.send(QueueUrl, 'two', 'g');
    rig.clock.advance(1_000);

    const [one, two] = await rig.receive(QueueUrl);

    expect(one).toMatchObject({ Body: 'one', MessageId: sent.MessageId });
    expect(two).toMatchObject({ Body: 'two' });
    expect(one?.Attributes).toEqual({
      SenderId: 'AIDALOCALUSER',
      SentTimestamp: '1767225600000',
      ApproximateReceiveCount: '1',
      ApproximateFirstReceiveTimestamp: '1767225601000',
      SequenceNumber: sent.SequenceNumber,
      MessageGroupId: 'g',
      MessageDeduplicationId: 'd1',
      AWSTraceHeader: 'Root=1-5e1b4151-43a0913a12345678',
    });
    expect(BigInt(two?.Attributes?.SequenceNumber ?? 0)).toBeGreaterThan(BigInt(sent.SequenceNumber ?? 0));
  });

  it('receives as many messages as possible of one group before the next', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');
    for (const [body, group] of [
      ['a1', 'a'],
      ['b1', 'b'],
      ['a2', 'a'],
      ['b2', 'b'],
    ] as const) {
      await rig.send(QueueUrl, body, group);
    }

    expect(bodies(await rig.receive(QueueUrl, { max: 3 }))).toEqual(['a1', 'a2', 'b1']);
  });

  it('locks a group while one of its messages is in flight, and delivers other groups', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');
    await rig.send(QueueUrl, 'a1', 'a');
    await rig.send(QueueUrl, 'a2', 'a');
    const [a1] = await rig.receive(QueueUrl, { max: 1 });
    await rig.send(QueueUrl, 'b1', 'b');

    const whileLocked = await rig.receive(QueueUrl);
    await remove(rig, QueueUrl, a1?.ReceiptHandle);
    const afterwards = await rig.receive(QueueUrl);

    expect(bodies(whileLocked)).toEqual(['b1']);
    expect(bodies(afterwards)).toEqual(['a2']);
  });

  it('keeps the group locked when the first message is deleted while the second is in flight', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');
    for (const body of ['1', '2', '3']) await rig.send(QueueUrl, body, 'g');
    const [first, second] = await rig.receive(QueueUrl, { max: 2 });

    await remove(rig, QueueUrl, first?.ReceiptHandle);
    const whileSecond = await rig.receive(QueueUrl);
    await remove(rig, QueueUrl, second?.ReceiptHandle);
    const afterSecond = await rig.receive(QueueUrl);

    expect(bodies(whileSecond)).toEqual([]);
    expect(bodies(afterSecond)).toEqual(['3']);
  });

  it('returns the same messages in order with a higher receive count after the visibility timeout', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo', { VisibilityTimeout: '20' });
    for (const body of ['1', '2', '3']) await rig.send(QueueUrl, body, 'g');
    await rig.receive(QueueUrl, { max: 2 });

    rig.clock.advance(19_999);
    const before = await rig.receive(QueueUrl);
    rig.clock.advance(1);
    const after = await rig.receive(QueueUrl);

    expect(bodies(before)).toEqual([]);
    expect(bodies(after)).toEqual(['1', '2', '3']);
    expect(after.map((message) => message.Attributes?.ApproximateReceiveCount)).toEqual(['2', '2', '1']);
    expect(after[0]?.Attributes?.ApproximateFirstReceiveTimestamp).toBe('1767225600000');
  });

  it('delays all messages by the delay of the queue, even after it changed', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo', { DelaySeconds: '60' });
    await rig.send(QueueUrl, '1', 'g');
    await rig.client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: '10' } }));

    const counted = await rig.attribute(QueueUrl, 'ApproximateNumberOfMessagesDelayed');
    rig.clock.advance(10_000);

    expect(counted).toBe('1');
    expect(bodies(await rig.receive(QueueUrl))).toEqual(['1']);
  });

  it('deletes a message after the retention period, in flight or not', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo', { MessageRetentionPeriod: '60' });
    await rig.send(QueueUrl, '1', 'g');
    await rig.send(QueueUrl, '2', 'h');
    await rig.receive(QueueUrl, { max: 1, visibilityTimeout: 600 });

    rig.clock.advance(60_000);

    expect(await rig.attribute(QueueUrl, 'ApproximateNumberOfMessages')).toBe('0');
    expect(await rig.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('0');
  });
});

describe('SQS FIFO: visibility and receipt handles', () => {
  it('returns a message at once by a visibility timeout of 0, in front of its successors', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');
    for (const body of ['1', '2']) await rig.send(QueueUrl, body, 'g');
    const [first] = await rig.receive(QueueUrl, { max: 1 });

    await changeVisibility(rig, QueueUrl, first?.ReceiptHandle, 0);

    expect(bodies(await rig.receive(QueueUrl))).toEqual(['1', '2']);
  });

  it('delivers a message that is visible again while a later one of its group is in flight', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');
    for (const body of ['1', '2', '3']) await rig.send(QueueUrl, body, 'g');
    const [first, second] = await rig.receive(QueueUrl, { max: 2 });
    await rig.send(QueueUrl, 'other', 'h');

    await changeVisibility(rig, QueueUrl, first?.ReceiptHandle, 0);
    const whileSecond = await rig.receive(QueueUrl);
    await remove(rig, QueueUrl, whileSecond.find(({ Body }) => Body === '1')?.ReceiptHandle);
    const stillSecond = await rig.receive(QueueUrl);
    await remove(rig, QueueUrl, second?.ReceiptHandle);
    const afterwards = await rig.receive(QueueUrl);

    expect(bodies(whileSecond)).toEqual(['other', '1']);
    expect(bodies(stillSecond)).toEqual([]);
    expect(bodies(afterwards)).toEqual(['3']);
  });

  it.each([
    ['first', 0, []],
    ['second', 1, ['1']],
    ['third', 2, ['1', '2']],
  ] as const)(
    'keeps later messages blocked by the %s message when its visibility timeout is extended',
    async (_, at, visible) => {
      const rig = await openSqsRig();
      const QueueUrl = await rig.create('q.fifo', { VisibilityTimeout: '10' });
      for (const body of ['1', '2', '3']) await rig.send(QueueUrl, body, 'g');
      const received = await rig.receive(QueueUrl);

      await changeVisibility(rig, QueueUrl, received[at]?.ReceiptHandle, 40);
      rig.clock.advance(20_000);

      expect(bodies(await rig.receive(QueueUrl))).toEqual(visible);
    },
  );

  it('keeps the whole group locked by any message in flight if configured, as the guide says', async () => {
    needsOwnEngine('SQS', 'the reading of the guide is a setting of the engine');
    const rig = await openSqsRig('group');
    const QueueUrl = await rig.create('q.fifo');
    for (const body of ['1', '2', '3']) await rig.send(QueueUrl, body, 'g');
    const [first, second] = await rig.receive(QueueUrl, { max: 2 });

    await changeVisibility(rig, QueueUrl, first?.ReceiptHandle, 0);
    const whileSecond = await rig.receive(QueueUrl);
    await changeVisibility(rig, QueueUrl, second?.ReceiptHandle, 0);
    const afterwards = await rig.receive(QueueUrl);

    expect(bodies(whileSecond)).toEqual([]);
    expect(bodies(afterwards)).toEqual(['1', '2', '3']);
  });

  it('extends a visibility timeout from the time of the change', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo', { VisibilityTimeout: '10' });
    await rig.send(QueueUrl, '1', 'g');
    const [message] = await rig.receive(QueueUrl);
    rig.clock.advance(9_000);

    await changeVisibility(rig, QueueUrl, message?.ReceiptHandle, 100);
    rig.clock.advance(99_999);
    const before = await rig.receive(QueueUrl);
    rig.clock.advance(1);
    const after = await rig.receive(QueueUrl);

    expect(bodies(before)).toEqual([]);
    expect(bodies(after)).toEqual(['1']);
  });

  it('rejects a total visibility timeout of more than 12 hours', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');
    await rig.send(QueueUrl, '1', 'g');
    const [message] = await rig.receive(QueueUrl, { visibilityTimeout: 60 });
    rig.clock.advance(1_000);

    const changing = changeVisibility(rig, QueueUrl, message?.ReceiptHandle, 43_200);

    await expect(changing).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it('rejects an expired receipt handle on delete and on change', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo', { VisibilityTimeout: '10' });
    await rig.send(QueueUrl, '1', 'g');
    const [message] = await rig.receive(QueueUrl);
    rig.clock.advance(10_000);

    const expired = {
      Code: 'InvalidParameterValue',
      message: `Value ${message?.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    };
    await expect(remove(rig, QueueUrl, message?.ReceiptHandle)).rejects.toMatchObject(expired);
    await expect(changeVisibility(rig, QueueUrl, message?.ReceiptHandle, 5)).rejects.toMatchObject(expired);
    expect(bodies(await rig.receive(QueueUrl))).toEqual(['1']);
  });

  it('rejects the handle of an earlier receive while a later one holds the message', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo', { VisibilityTimeout: '10' });
    await rig.send(QueueUrl, '1', 'g');
    const [earlier] = await rig.receive(QueueUrl);
    rig.clock.advance(10_000);
    const [later] = await rig.receive(QueueUrl);

    await expect(remove(rig, QueueUrl, earlier?.ReceiptHandle)).rejects.toMatchObject({
      Code: 'InvalidParameterValue',
    });
    await remove(rig, QueueUrl, later?.ReceiptHandle);
    await remove(rig, QueueUrl, later?.ReceiptHandle);
    expect(await rig.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('0');
  });

  it('rejects what was never a receipt handle', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');

    const removing = remove(rig, QueueUrl, 'nonsense');

    await expect(removing).rejects.toMatchObject({
      name: 'ReceiptHandleIsInvalid',
      $metadata: { httpStatusCode: 404 },
    });
  });
});

describe('SQS FIFO: ReceiveRequestAttemptId', () => {
  const attempt = async (rig: SqsRig, QueueUrl: string, id: string) => {
    const { Messages = [] } = await rig.client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ReceiveRequestAttemptId: id }),
    );
    return Messages;
  };

  it('returns the same messages and handles again and restarts their visibility timeout', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo', { VisibilityTimeout: '10' });
    for (const body of ['1', '2']) await rig.send(QueueUrl, body, 'g');

    const first = await attempt(rig, QueueUrl, 'try-1');
    rig.clock.advance(9_000);
    const second = await attempt(rig, QueueUrl, 'try-1');
    rig.clock.advance(9_999);
    const other = await attempt(rig, QueueUrl, 'try-2');

    expect(bodies(first)).toEqual(['1', '2']);
    expect(second).toEqual(first);
    expect(other).toEqual([]);
  });

  it('rejects an attempt if one of its messages was deleted', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');
    for (const body of ['1', '2']) await rig.send(QueueUrl, body, 'g');
    const [first] = await attempt(rig, QueueUrl, 'try-1');
    await remove(rig, QueueUrl, first?.ReceiptHandle);

    await expect(attempt(rig, QueueUrl, 'try-1')).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it('receives again if the first attempt found nothing or its messages are visible again', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo', { VisibilityTimeout: '10' });
    const empty = await attempt(rig, QueueUrl, 'try-1');
    await rig.send(QueueUrl, '1', 'g');
    const found = await attempt(rig, QueueUrl, 'try-1');
    rig.clock.advance(10_000);
    const again = await attempt(rig, QueueUrl, 'try-1');

    expect([bodies(empty), bodies(found), bodies(again)]).toEqual([[], ['1'], ['1']]);
    expect(again[0]?.ReceiptHandle).not.toBe(found[0]?.ReceiptHandle);
  });
});
