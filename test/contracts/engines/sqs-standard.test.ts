import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { bodies, openSqsRig } from './sqs-rig.ts';

describe('SQS standard queue', () => {
  it('delays a message by its own delay, else by the delay of the queue', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q', { DelaySeconds: '10' });
    await rig.send(QueueUrl, 'by queue');
    await rig.client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'at once', DelaySeconds: 0 }));
    await rig.client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later', DelaySeconds: 900 }));

    const atOnce = await rig.receive(QueueUrl);
    rig.clock.advance(10_000);
    const afterTen = await rig.receive(QueueUrl);

    expect(bodies(atOnce)).toEqual(['at once']);
    expect(bodies(afterTen)).toEqual(['by queue']);
  });

  it('alternates between groups, so that a busy one does not delay the others', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');
    for (const body of ['busy 1', 'busy 2', 'busy 3']) await rig.send(QueueUrl, body, 'busy');
    await rig.send(QueueUrl, 'quiet 1', 'quiet');

    const messages = await rig.receive(QueueUrl, { max: 2 });

    expect(bodies(messages)).toEqual(['busy 1', 'quiet 1']);
    expect(messages[1]?.Attributes?.MessageGroupId).toBe('quiet');
  });

  it('accepts the handle of an earlier receive', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q', { VisibilityTimeout: '10' });
    await rig.send(QueueUrl, 'a');
    const [earlier] = await rig.receive(QueueUrl);
    rig.clock.advance(10_000);
    await rig.receive(QueueUrl);

    await rig.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: earlier?.ReceiptHandle }));

    expect(await rig.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('0');
  });

  it('rejects a change of visibility of a deleted message', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q', { VisibilityTimeout: '10' });
    await rig.send(QueueUrl, 'a');
    const [message] = await rig.receive(QueueUrl);
    const change = () =>
      rig.client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 5 }),
      );

    await rig.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    await expect(change()).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it('rejects a deduplication id', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');

    const sending = rig.client.send(
      new SendMessageCommand({ QueueUrl, MessageBody: 'a', MessageDeduplicationId: 'd' }),
    );

    await expect(sending).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it.each([
    ['MaxNumberOfMessages', 0],
    ['MaxNumberOfMessages', 11],
    ['WaitTimeSeconds', 21],
    ['VisibilityTimeout', 43_201],
  ])('rejects a receive with %s = %i', async (name, value) => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');

    const receiving = rig.client.send(new ReceiveMessageCommand({ QueueUrl, [name]: value }));

    await expect(receiving).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });
});

describe('SQS messages', () => {
  const attributes = {
    General: { DataType: 'String', StringValue: 'Kenobi' },
    Hello: { DataType: 'String', StringValue: 'There' },
    'Help.Me': { DataType: 'String', StringValue: 'Me' },
  };

  it('return the digest of all attributes on sending as the service does', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');

    const sent = await rig.client.send(
      new SendMessageCommand({ QueueUrl, MessageBody: 'msg', MessageAttributes: attributes }),
    );

    expect(sent.MD5OfMessageBody).toBe('6e2baaf3b97dbeef01c0043275f9a0e7');
    expect(sent.MD5OfMessageAttributes).toBe('4c360f3fdafd970e05fae2f149d997f5');
  });

  it.each([
    [['All'], ['General', 'Hello', 'Help.Me'], '4c360f3fdafd970e05fae2f149d997f5'],
    [['.*'], ['General', 'Hello', 'Help.Me'], '4c360f3fdafd970e05fae2f149d997f5'],
    [['Hel.*'], ['Hello', 'Help.Me'], '83fee93c1bcd8b9a5a923ffacdc636c7'],
    [['General', 'Hello'], ['General', 'Hello'], 'fca026605781cb4126a1e9044df24232'],
    [['Hello', 'Other'], ['Hello'], 'a311262e065454b75da111d535b8dacd'],
  ])('return the attributes requested by %j, and their digest', async (MessageAttributeNames, names, digest) => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');
    await rig.client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'msg', MessageAttributes: attributes }));

    const { Messages = [] } = await rig.client.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames }));

    expect(Object.keys(Messages[0]?.MessageAttributes ?? {}).sort()).toEqual(names);
    expect(Messages[0]?.MD5OfMessageAttributes).toBe(digest);
  });

  it('return no attributes that were not requested', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');
    await rig.client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'msg', MessageAttributes: attributes }));

    const { Messages = [] } = await rig.client.send(new ReceiveMessageCommand({ QueueUrl }));

    expect(Object.keys(Messages[0] ?? {}).sort()).toEqual(['Body', 'MD5OfBody', 'MessageId', 'ReceiptHandle']);
  });

  it('carry binary attributes and numbers', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');
    const value = Buffer.from('traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01');
    const sent = await rig.client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'test',
        MessageAttributes: { attr1: { DataType: 'Binary', BinaryValue: value } },
      }),
    );

    const [message] = await rig.receive(QueueUrl);

    expect(sent.MD5OfMessageAttributes).toBe('8cbe4db156db8a94db8b801b7addb984');
    expect(Buffer.from(message?.MessageAttributes?.['attr1']?.BinaryValue ?? []).equals(value)).toBe(true);
  });

  it.each([
    ['a reserved name', { 'AWS.x': { DataType: 'String', StringValue: 'v' } }],
    ['a name with a space', { 'a b': { DataType: 'String', StringValue: 'v' } }],
    ['a name that ends with a dot', { 'a.': { DataType: 'String', StringValue: 'v' } }],
    ['an unknown type', { a: { DataType: 'Text', StringValue: 'v' } }],
    ['no value', { a: { DataType: 'String', StringValue: '' } }],
    ['a number that is none', { a: { DataType: 'Number', StringValue: 'x' } }],
    [
      'eleven attributes',
      Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, { DataType: 'String', StringValue: 'v' }])),
    ],
  ])('are rejected if their attributes have %s', async (_, MessageAttributes) => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');

    const sending = rig.client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a', MessageAttributes }));

    await expect(sending).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it('may not have an empty body, or characters that XML does not allow', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');

    await expect(rig.send(QueueUrl, '')).rejects.toMatchObject({ Code: 'MissingParameter' });
    await expect(rig.send(QueueUrl, 'a\u0000')).rejects.toMatchObject({ name: 'InvalidMessageContents' });
    await expect(rig.send(QueueUrl, 'päckchen 📦\t\r\n')).resolves.toMatch(/^[0-9a-f-]{36}$/);
  });

  it('may have 1 MiB of body and attributes, and not a byte more', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q');
    const send = (bytes: number) =>
      rig.client.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: 'x'.repeat(bytes - 'nameStringvalue'.length),
          MessageAttributes: { name: { DataType: 'String', StringValue: 'value' } },
        }),
      );

    await send(1_048_576);

    await expect(send(1_048_577)).rejects.toMatchObject({
      Code: 'InvalidParameterValue',
      message: 'One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.',
    });
  });

  it('obey the smaller limit of the queue', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q', { MaximumMessageSize: '1024' });

    await rig.send(QueueUrl, 'x'.repeat(1_024));

    await expect(rig.send(QueueUrl, 'x'.repeat(1_025))).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });
});
