import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { bodies, openSqsRig } from './sqs-rig.ts';

const entry = (Id: string, MessageBody: string, more: Partial<SendMessageBatchRequestEntry> = {}) => ({
  Id,
  MessageBody,
  ...more,
});

describe('SQS batches', () => {
  it('sends the valid entries in order and reports the invalid ones', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');

    const { Successful, Failed } = await rig.client.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          entry('one', '1', { MessageGroupId: 'g' }),
          entry('bad-group', '2', { MessageGroupId: 'with space' }),
          entry('bad-body', '\u0001', { MessageGroupId: 'g' }),
          entry('four', '4', { MessageGroupId: 'g' }),
        ],
      }),
    );

    expect(Successful?.map(({ Id, MD5OfMessageBody }) => [Id, MD5OfMessageBody])).toEqual([
      ['one', 'c4ca4238a0b923820dcc509a6f75849b'],
      ['four', 'a87ff679a2f3e71d9181a67b7542122c'],
    ]);
    expect(Failed).toMatchObject([
      { Id: 'bad-group', Code: 'InvalidParameterValue', SenderFault: true },
      { Id: 'bad-body', Code: 'InvalidMessageContents', SenderFault: true },
    ]);
    expect(bodies(await rig.receive(QueueUrl))).toEqual(['1', '4']);
  });

  it('finds duplicates inside one batch', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');

    const { Successful = [] } = await rig.client.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [entry('a', 'same', { MessageGroupId: 'g' }), entry('b', 'same', { MessageGroupId: 'g' })],
      }),
    );

    expect(Successful[1]?.MessageId).toBe(Successful[0]?.MessageId);
    expect(await rig.attribute(QueueUrl, 'ApproximateNumberOfMessages')).toBe('1');
  });

  it.each([
    ['no entries', [], 'EmptyBatchRequest'],
    ['eleven entries', Array.from({ length: 11 }, (_, i) => entry(`e${i}`, 'x')), 'TooManyEntriesInBatchRequest'],
    ['an id twice', [entry('a', '1'), entry('a', '2')], 'BatchEntryIdsNotDistinct'],
    ['an id with a dot', [entry('a.b', '1')], 'InvalidBatchEntryId'],
    ['an id of 81 characters', [entry('a'.repeat(81), '1')], 'InvalidBatchEntryId'],
    [
      'more than 1 MiB in all',
      [entry('a', 'x'.repeat(600_000)), entry('b', 'x'.repeat(448_577))],
      'BatchRequestTooLong',
    ],
  ])('rejects a batch with %s', async (_, Entries, name) => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');

    const sending = rig.client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));

    await expect(sending).rejects.toMatchObject({ name, Code: `AWS.SimpleQueueService.${name}` });
    expect(await rig.attribute(QueueUrl, 'ApproximateNumberOfMessages')).toBe('0');
  });

  it('rejects a whole batch for a FIFO queue when an entry has no group', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');

    const sending = rig.client.send(
      new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a', '1', { MessageGroupId: 'g' }), entry('b', '2')] }),
    );

    await expect(sending).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it('deletes entry by entry: an expired or invalid handle fails alone', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo', { VisibilityTimeout: '10' });
    await rig.send(QueueUrl, '1', 'a');
    const [expired] = await rig.receive(QueueUrl);
    rig.clock.advance(10_000);
    await rig.send(QueueUrl, '2', 'b');
    const received = await rig.receive(QueueUrl);

    const { Successful, Failed } = await rig.client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'expired', ReceiptHandle: expired?.ReceiptHandle },
          { Id: 'nonsense', ReceiptHandle: 'nonsense' },
          { Id: 'good', ReceiptHandle: received.find(({ Body }) => Body === '2')?.ReceiptHandle },
        ],
      }),
    );

    expect(Successful).toEqual([{ Id: 'good' }]);
    expect(Failed).toMatchObject([
      { Id: 'expired', Code: 'ReceiptHandleIsInvalid', Message: 'The receipt handle has expired', SenderFault: true },
      { Id: 'nonsense', Code: 'ReceiptHandleIsInvalid', SenderFault: true },
    ]);
  });

  it('changes visibility entry by entry', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');
    for (const body of ['1', '2']) await rig.send(QueueUrl, body);
    const [one, two] = await rig.receive(QueueUrl);

    const { Successful, Failed } = await rig.client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'one', ReceiptHandle: one?.ReceiptHandle, VisibilityTimeout: 0 },
          { Id: 'two', ReceiptHandle: two?.ReceiptHandle, VisibilityTimeout: 43_201 },
        ],
      }),
    );

    expect(Successful).toEqual([{ Id: 'one' }]);
    expect(Failed).toMatchObject([{ Id: 'two', Code: 'InvalidParameterValue' }]);
    expect(bodies(await rig.receive(QueueUrl))).toEqual(['1']);
  });
});
