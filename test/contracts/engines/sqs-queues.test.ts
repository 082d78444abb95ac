import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  type QueueAttributeName,
  QueueDoesNotExist,
  QueueNameExists,
  SendMessageCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { bodies, openSqsRig, type SqsRig } from './sqs-rig.ts';

const attributesOf = async (rig: SqsRig, QueueUrl: string, ...AttributeNames: QueueAttributeName[]) =>
  (await rig.client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes;

describe('SQS queues: creation', () => {
  it('gives a standard queue its URL, ARN and defaults', async () => {
    const rig = await openSqsRig();

    const QueueUrl = await rig.create('orders');

    expect(QueueUrl).toMatch(new RegExp(`^https?://.+/\\d{12}/${rig.queueName('orders')}$`));
    expect(await attributesOf(rig, QueueUrl, 'All')).toEqual({
      QueueArn: rig.arn('orders'),
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      CreatedTimestamp: expect.stringMatching(/^\d{10}$/),
      LastModifiedTimestamp: expect.stringMatching(/^\d{10}$/),
      VisibilityTimeout: '30',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      DelaySeconds: '0',
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
    });
  });

  it('gives a FIFO queue its additional attributes', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('orders.fifo');

    const attributes = await attributesOf(
      rig,
      QueueUrl,
      'FifoQueue',
      'ContentBasedDeduplication',
      'DeduplicationScope',
      'FifoThroughputLimit',
    );

    expect(attributes).toEqual({
      FifoQueue: 'true',
      ContentBasedDeduplication: 'true',
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
    });
  });

  it('answers a second creation with the same attributes as the first', async () => {
    const rig = await openSqsRig();

    const first = await rig.create('orders', { DelaySeconds: '1' });
    const second = await rig.create('orders', { DelaySeconds: '1' });

    expect(second).toBe(first);
  });

  it('rejects the name of a queue with another value of an attribute', async () => {
    const rig = await openSqsRig();
    await rig.create('orders', { DelaySeconds: '1' });

    const creating = rig.create('orders', { DelaySeconds: '2' });

    await expect(creating).rejects.toBeInstanceOf(QueueNameExists);
    await expect(creating).rejects.toMatchObject({
      Code: 'QueueAlreadyExists',
      message: 'A queue already exists with the same name and a different value for attribute DelaySeconds',
    });
  });

  it.each([
    ['a dot', 'a.b'],
    ['81 characters', 'q'.repeat(81)],
    ['a FIFO suffix without FifoQueue', 'orders.fifo'],
  ])('rejects a name with %s', async (_, QueueName) => {
    const rig = await openSqsRig();

    const creating = rig.client.send(new CreateQueueCommand({ QueueName }));

    await expect(creating).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it('rejects a FIFO queue if its name does not end with .fifo', async () => {
    const rig = await openSqsRig();

    const creating = rig.create('orders', { FifoQueue: 'true' });

    await expect(creating).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it.each([
    ['Colour', 'red', 'InvalidAttributeName'],
    ['FifoQueue', 'false', 'InvalidAttributeName'],
    ['ContentBasedDeduplication', 'true', 'InvalidAttributeName'],
    ['QueueArn', 'arn', 'InvalidAttributeName'],
    ['VisibilityTimeout', '43201', 'InvalidAttributeValue'],
    ['MaximumMessageSize', '1048577', 'InvalidAttributeValue'],
    ['MessageRetentionPeriod', '59', 'InvalidAttributeValue'],
    ['DelaySeconds', '1.5', 'InvalidAttributeValue'],
    ['Policy', '{', 'InvalidAttributeValue'],
    ['RedrivePolicy', '{', 'InvalidParameterValue'],
    ['RedriveAllowPolicy', '{"redrivePermission":"byQueue"}', 'InvalidParameterValue'],
  ])('rejects %s = %s for a standard queue', async (name, value, code) => {
    const rig = await openSqsRig();

    await expect(rig.create('orders', { [name]: value })).rejects.toMatchObject({
      name: expect.stringContaining(code),
    });
  });

  it('rejects perMessageGroupId throughput with deduplication in the whole queue', async () => {
    const rig = await openSqsRig();

    const creating = rig.create('orders.fifo', { FifoThroughputLimit: 'perMessageGroupId' });

    await expect(creating).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
  });

  it('keeps the name of a deleted queue for 60 seconds', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('orders');
    await rig.client.send(new DeleteQueueCommand({ QueueUrl }));

    await expect(rig.create('orders')).rejects.toMatchObject({ name: 'QueueDeletedRecently' });
    rig.clock.advance(60_000);
    await expect(rig.create('orders')).resolves.toBe(QueueUrl);
  });
});

describe('SQS queues: attributes', () => {
  it('changes attributes and removes a policy by an empty value', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('orders', { Policy: '{"Version":"2012-10-17","Statement":[]}' });
    rig.clock.advance(5_000);

    await rig.client.send(
      new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: '', VisibilityTimeout: '90' } }),
    );

    expect(
      await attributesOf(rig, QueueUrl, 'Policy', 'VisibilityTimeout', 'CreatedTimestamp', 'LastModifiedTimestamp'),
    ).toEqual({
      VisibilityTimeout: '90',
      CreatedTimestamp: '1767225600',
      LastModifiedTimestamp: '1767225605',
    });
  });

  it('allows one kind of encryption at a time', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('orders', { KmsMasterKeyId: 'alias/key' });
    const set = (Attributes: Record<string, string>) =>
      rig.client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));

    const withKey = await attributesOf(rig, QueueUrl, 'SqsManagedSseEnabled', 'KmsDataKeyReusePeriodSeconds');
    const setting = set({ KmsMasterKeyId: 'alias/key', SqsManagedSseEnabled: 'true' });

    expect(withKey).toEqual({ SqsManagedSseEnabled: 'false', KmsDataKeyReusePeriodSeconds: '300' });
    await expect(setting).rejects.toMatchObject({ name: 'InvalidAttributeName' });
    await set({ SqsManagedSseEnabled: 'true' });
    expect(await attributesOf(rig, QueueUrl, 'SqsManagedSseEnabled', 'KmsMasterKeyId')).toEqual({
      SqsManagedSseEnabled: 'true',
    });
  });

  it('counts visible, delayed and in-flight messages', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('orders');
    for (const body of ['1', '2', '3']) await rig.send(QueueUrl, body);
    await rig.client.send(new SendMessageCommand({ QueueUrl, MessageBody: '4', DelaySeconds: 60 }));
    await rig.receive(QueueUrl, { max: 1 });

    const attributes = await attributesOf(
      rig,
      QueueUrl,
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    );

    expect(attributes).toEqual({
      ApproximateNumberOfMessages: '2',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
    });
  });

  it('rejects an attribute name that it does not know', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('orders');

    const asking = rig.engine.service.handle(
      'GetQueueAttributes',
      { QueueUrl, AttributeNames: ['Colour'] },
      { kind: 'user' },
    );

    await expect(asking).rejects.toMatchObject({ code: 'InvalidAttributeName' });
  });
});

describe('SQS queues: finding and emptying them', () => {
  it('finds a queue by its name', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('orders.fifo');

    const found = await rig.client.send(new GetQueueUrlCommand({ QueueName: rig.queueName('orders.fifo') }));

    expect(found.QueueUrl).toBe(QueueUrl);
  });

  it('rejects an unknown queue with the typed exception and the code of the query protocol', async () => {
    const rig = await openSqsRig();

    const finding = rig.client.send(new GetQueueUrlCommand({ QueueName: rig.queueName('nothing') }));

    await expect(finding).rejects.toBeInstanceOf(QueueDoesNotExist);
    await expect(finding).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('uses the last segment of a queue URL, with any host', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('orders');

    await rig.engine.service.handle(
      'SendMessage',
      { QueueUrl: 'https://sqs.eu-central-1.amazonaws.com/000000000000/orders', MessageBody: 'a' },
      { kind: 'service', principal: 'events.amazonaws.com' },
    );

    const [message] = await rig.receive(QueueUrl);
    expect(message?.Attributes?.SenderId).toBe('events.amazonaws.com');
  });

  it('lists queues by prefix, in pages', async () => {
    const rig = await openSqsRig();
    const one = await rig.create('a-1');
    await rig.create('b-1');
    const two = await rig.create('a-2');
    const three = await rig.create('a-3');
    const list = (NextToken?: string) =>
      rig.client.send(
        new ListQueuesCommand({
          QueueNamePrefix: rig.queueName('a-'),
          MaxResults: 2,
          ...(NextToken === undefined ? {} : { NextToken }),
        }),
      );

    const first = await list();
    const second = await list(first.NextToken);

    expect(first.QueueUrls).toEqual([one, two]);
    expect(second.QueueUrls).toEqual([three]);
    expect(second.NextToken).toBeUndefined();
  });

  it('tags and untags', async () => {
    const rig = await openSqsRig();
    const { QueueUrl } = await rig.client.send(
      new CreateQueueCommand({ QueueName: rig.queueName('q'), tags: { team: 'shop', env: 'dev' } }),
    );

    await rig.client.send(new TagQueueCommand({ QueueUrl, Tags: { env: 'prod', tier: '1' } }));
    await rig.client.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['team'] }));

    const { Tags } = await rig.client.send(new ListQueueTagsCommand({ QueueUrl }));
    expect(Tags).toEqual({ env: 'prod', tier: '1' });
  });

  it('purges visible, delayed and in-flight messages, once a minute', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');
    for (const body of ['1', '2']) await rig.send(QueueUrl, body, 'g');
    await rig.receive(QueueUrl, { max: 1 });

    await rig.client.send(new PurgeQueueCommand({ QueueUrl }));
    const again = rig.client.send(new PurgeQueueCommand({ QueueUrl }));

    await expect(again).rejects.toMatchObject({ name: 'PurgeQueueInProgress', $metadata: { httpStatusCode: 403 } });
    await rig.send(QueueUrl, '3', 'g');
    expect(bodies(await rig.receive(QueueUrl))).toEqual(['3']);
    rig.clock.advance(60_000);
    await rig.client.send(new PurgeQueueCommand({ QueueUrl }));
  });

  it('lists the source queues of a dead-letter queue', async () => {
    const rig = await openSqsRig();
    const [first, dlq] = await rig.createPair('first', 'dlq', 3);
    const [second] = await rig.createPair('second', 'dlq', 3);

    const { queueUrls } = await rig.client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dlq }));

    expect(queueUrls).toEqual([first, second]);
  });

  it('shows depths and messages to the run without receiving them', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');
    await rig.send(QueueUrl, '1', 'g');
    await rig.send(QueueUrl, '2', 'h');
    await rig.receive(QueueUrl, { max: 1 });

    expect(rig.engine.depths()).toEqual([
      {
        queueArn: 'arn:aws:sqs:eu-central-1:000000000000:q.fifo',
        queueName: 'q.fifo',
        visible: 1,
        inFlight: 1,
        delayed: 0,
        oldestSentAt: 1_767_225_600_000,
      },
    ]);
    expect(rig.engine.peek('arn:aws:sqs:eu-central-1:000000000000:q.fifo')).toMatchObject([
      { body: '1', groupId: 'g', state: 'inFlight', receiveCount: 1 },
      { body: '2', groupId: 'h', state: 'visible', receiveCount: 0 },
    ]);
  });

  it('rejects an operation that it does not know by name', async () => {
    const rig = await openSqsRig();

    const asking = rig.engine.service.handle('ListNothing', {}, { kind: 'user' });

    await expect(asking).rejects.toMatchObject({ code: 'UnknownOperationException' });
  });
});
