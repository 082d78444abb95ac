import {
  AddPermissionCommand,
  CancelMessageMoveTaskCommand,
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  RemovePermissionCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { bodies, openSqsRig, type SqsRig } from './sqs-rig.ts';

/** What was recorded on AWS, where it is not what one would expect. */
describe('SQS: batch answers', () => {
  const membersOf = (answer: object) => Object.keys(answer).filter((name) => name !== '$metadata');

  it('leave out Failed when no entry failed', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');

    const Entries = [{ Id: 'a', MessageBody: 'a' }];
    const sent = await rig.client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const [message] = await rig.receive(QueueUrl);
    const handle = { Id: 'a', ReceiptHandle: message?.ReceiptHandle };
    const hidden = await rig.client.send(
      new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: [{ ...handle, VisibilityTimeout: 1 }] }),
    );
    const removed = await rig.client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [handle] }));

    expect([sent, hidden, removed].map(membersOf)).toEqual([['Successful'], ['Successful'], ['Successful']]);
  });

  it('leave out Successful when every entry failed', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');

    const Entries = [{ Id: 'a', ReceiptHandle: 'nonsense' }];
    const answer = await rig.client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));

    expect(membersOf(answer)).toEqual(['Failed']);
  });

  it('say of a message that is too long that its parameters cannot be validated', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q', { MaximumMessageSize: '1024' });
    const MessageBody = 'x'.repeat(1_025);

    const Entries = [
      { Id: 'long', MessageBody },
      { Id: 'short', MessageBody: 'x' },
    ];
    const { Failed } = await rig.client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const alone = rig.client.send(new SendMessageCommand({ QueueUrl, MessageBody }));

    expect(Failed).toEqual([
      {
        Code: 'InvalidParameterValue',
        Id: 'long',
        Message: 'One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.',
        SenderFault: true,
      },
    ]);
    await expect(alone).rejects.toMatchObject({
      message: 'One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.',
    });
  });

  it('are an error for all entries of a FIFO queue when one has no deduplication id', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo', { ContentBasedDeduplication: 'false' });

    const Entries = [
      { Id: 'a', MessageBody: 'a', MessageGroupId: 'g', MessageDeduplicationId: 'd' },
      { Id: 'b', MessageBody: 'b', MessageGroupId: 'g' },
    ];
    const sending = rig.client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));

    await expect(sending).rejects.toMatchObject({
      Code: 'InvalidParameterValue',
      message:
        'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    });
    expect(bodies(await rig.receive(QueueUrl))).toEqual([]);
  });
});

describe('SQS: queues', () => {
  it('forget deduplication ids with PurgeQueue', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');
    await rig.send(QueueUrl, 'a', 'g');

    await rig.client.send(new PurgeQueueCommand({ QueueUrl }));
    await rig.send(QueueUrl, 'a', 'g');

    expect(bodies(await rig.receive(QueueUrl))).toEqual(['a']);
  });

  it.each(['True', 'TRUE'])('are FIFO by FifoQueue=%s, too', async (FifoQueue) => {
    const rig = await openSqsRig();

    const { QueueUrl } = await rig.client.send(
      new CreateQueueCommand({ QueueName: rig.queueName('q.fifo'), Attributes: { FifoQueue } }),
    );

    const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['FifoQueue'] });
    expect((await rig.client.send(asked)).Attributes).toEqual({ FifoQueue: 'true' });
  });

  it('refuse to change their type', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');

    const changing = rig.client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { FifoQueue: 'false' } }));

    await expect(changing).rejects.toMatchObject({
      name: 'InvalidAttributeValue',
      message: 'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.',
    });
  });

  it('may be their own dead-letter queue, and their dead letters start again there', async () => {
    const rig = await openSqsRig();
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: rig.arn('q'), maxReceiveCount: 1 });

    const QueueUrl = await rig.create('q', { RedrivePolicy });
    await rig.send(QueueUrl, 'a');
    const first = await rig.receive(QueueUrl, { visibilityTimeout: 0 });
    const none = await rig.receive(QueueUrl, { visibilityTimeout: 0 });
    const again = await rig.receive(QueueUrl, { visibilityTimeout: 0 });

    expect([first, none, again].map(bodies)).toEqual([['a'], [], ['a']]);
    expect(again[0]?.Attributes?.DeadLetterQueueSourceArn).toBe(rig.arn('q'));
  });

  it('accept a change of visibility of a standard message that is visible again, and change nothing', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q', { VisibilityTimeout: '1' });
    await rig.send(QueueUrl, 'a');
    const [message] = await rig.receive(QueueUrl);
    await rig.pass(1_000);

    const { ReceiptHandle } = { ...message };
    await rig.client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 20 }));

    expect(bodies(await rig.receive(QueueUrl))).toEqual(['a']);
  });

  it('add and remove permissions as statements of their policy', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');
    const add = (Label: string, AWSAccountIds: string[]) =>
      rig.client.send(new AddPermissionCommand({ QueueUrl, Label, AWSAccountIds, Actions: ['ReceiveMessage'] }));
    const remove = (Label: string) => rig.client.send(new RemovePermissionCommand({ QueueUrl, Label }));
    const policy = async () => {
      const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] });
      const { Attributes } = await rig.client.send(asked);
      return Attributes?.['Policy'] === undefined ? undefined : (JSON.parse(Attributes['Policy']) as unknown);
    };
    const statement = { Effect: 'Allow', Action: 'SQS:ReceiveMessage', Resource: rig.arn('q') };

    await add('both', ['668614515564', '111111111111']);
    await add('one', ['111111111111']);

    expect(await policy()).toEqual({
      Version: '2008-10-17',
      Id: `${rig.arn('q')}/SQSDefaultPolicy`,
      Statement: [
        {
          ...statement,
          Sid: 'both',
          Principal: { AWS: ['arn:aws:iam::668614515564:root', 'arn:aws:iam::111111111111:root'] },
        },
        { ...statement, Sid: 'one', Principal: { AWS: 'arn:aws:iam::111111111111:root' } },
      ],
    });
    await expect(add('one', ['668614515564'])).rejects.toMatchObject({
      Code: 'InvalidParameterValue',
      message: 'Value one for parameter Label is invalid. Reason: Already exists.',
    });
    await remove('both');
    await remove('one');
    expect(await policy()).toBeUndefined();
    await expect(remove('one')).rejects.toMatchObject({
      message: "Value one for parameter Label is invalid. Reason: can't find label.",
    });
  });
});

describe('SQS: messages', () => {
  const send = (rig: SqsRig, QueueUrl: string, StringValue: string) =>
    rig.client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'x',
        MessageAttributes: { a: { DataType: 'String', StringValue } },
      }),
    );

  it.each([
    ['\u0008', '#x8'],
    ['\u001F', '#x1F'],
    ['\uFFFF', '#xFFFF'],
  ])('may not have the character %o in their attributes', async (character, code) => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');

    await expect(send(rig, QueueUrl, `a${character}`)).rejects.toMatchObject({
      name: 'InvalidMessageContents',
      message: `Invalid binary character '${code}' was found in the message attribute 'a', the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF`,
    });
  });

  it('may have tabs and line ends in their attributes, but no empty string', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');

    await send(rig, QueueUrl, '\t\r\n');

    await expect(send(rig, QueueUrl, '')).rejects.toMatchObject({
      Code: 'InvalidParameterValue',
      message: "Message (user) attribute 'a' must contain a non-empty value of type 'String'.",
    });
  });
});

describe('SQS: handles of move tasks', () => {
  const cancel = (rig: SqsRig, handle: object) =>
    rig.client.send(
      new CancelMessageMoveTaskCommand({ TaskHandle: Buffer.from(JSON.stringify(handle)).toString('base64') }),
    );
  const taskId = '10f57157-fc38-4da9-a113-4de7e12d05aa';

  it('are base64 of JSON, and one that is not is an invalid parameter', async () => {
    const rig = await openSqsRig();

    const nonsense = { Code: 'InvalidParameterValue', message: 'Value for parameter TaskHandle is invalid.' };
    await expect(rig.client.send(new CancelMessageMoveTaskCommand({ TaskHandle: 'foobared' }))).rejects.toMatchObject(
      nonsense,
    );
    await expect(cancel(rig, { taskId })).rejects.toMatchObject(nonsense);
  });

  it('name a queue and a task that must exist', async () => {
    const rig = await openSqsRig();
    await rig.create('q');

    await expect(cancel(rig, { taskId, sourceArn: rig.arn('q') })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Task does not exist.',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(cancel(rig, { taskId, sourceArn: rig.arn('none') })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "The resource that you specified for the SourceArn parameter doesn't exist.",
    });
  });
});
