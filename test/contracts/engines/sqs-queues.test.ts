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
import { bodies, openSqsBench, type SqsBench } from './sqs-bench.ts';

const attributesOf = async (bench: SqsBench, QueueUrl: string, ...AttributeNames: QueueAttributeName[]) =>
  (await bench.client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes;

describe('SQS queues: creation', () => {
  it('gives a standard queue its URL, ARN and defaults', async () => {
    const bench = await openSqsBench();

    const QueueUrl = await bench.create('orders');

    expect(QueueUrl).toBe(`${bench.url}/000000000000/orders`);
    expect(await attributesOf(bench, QueueUrl, 'All')).toEqual({
      QueueArn: 'arn:aws:sqs:eu-central-1:000000000000:orders',
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      CreatedTimestamp: '1767225600',
      LastModifiedTimestamp: '1767225600',
      VisibilityTimeout: '30',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      DelaySeconds: '0',
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
    });
  });

  it('gives a FIFO queue its own attributes besides', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('orders.fifo');

    const attributes = await attributesOf(
      bench,
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
    const bench = await openSqsBench();

    const first = await bench.create('orders', { DelaySeconds: '1' });
    const second = await bench.create('orders', { DelaySeconds: '1' });

    expect(second).toBe(first);
  });

  it('rejects the name of a queue with another value of an attribute', async () => {
    const bench = await openSqsBench();
    await bench.create('orders', { DelaySeconds: '1' });

    const creating = bench.create('orders', { DelaySeconds: '2' });

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
    const bench = await openSqsBench();

    const creating = bench.client.send(new CreateQueueCommand({ QueueName }));

    await expect(creating).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it('rejects a FIFO queue whose name does not say so', async () => {
    const bench = await openSqsBench();

    const creating = bench.create('orders', { FifoQueue: 'true' });

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
    const bench = await openSqsBench();

    await expect(bench.create('orders', { [name]: value })).rejects.toMatchObject({
      name: expect.stringContaining(code),
    });
  });

  it('rejects perMessageGroupId throughput with deduplication in the whole queue', async () => {
    const bench = await openSqsBench();

    const creating = bench.create('orders.fifo', { FifoThroughputLimit: 'perMessageGroupId' });

    await expect(creating).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
  });

  it('keeps the name of a deleted queue for 60 seconds', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('orders');
    await bench.client.send(new DeleteQueueCommand({ QueueUrl }));

    await expect(bench.create('orders')).rejects.toMatchObject({ name: 'QueueDeletedRecently' });
    bench.clock.advance(60_000);
    await expect(bench.create('orders')).resolves.toBe(QueueUrl);
  });
});

describe('SQS queues: attributes', () => {
  it('changes attributes and takes a policy away by an empty value', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('orders', { Policy: '{"Version":"2012-10-17","Statement":[]}' });
    bench.clock.advance(5_000);

    await bench.client.send(
      new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: '', VisibilityTimeout: '90' } }),
    );

    expect(await attributesOf(bench, QueueUrl, 'Policy', 'VisibilityTimeout', 'LastModifiedTimestamp')).toEqual({
      VisibilityTimeout: '90',
      LastModifiedTimestamp: '1767225605',
    });
  });

  it('knows one encryption at a time', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('orders', { KmsMasterKeyId: 'alias/key' });
    const set = (Attributes: Record<string, string>) =>
      bench.client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));

    const withKey = await attributesOf(bench, QueueUrl, 'SqsManagedSseEnabled', 'KmsDataKeyReusePeriodSeconds');
    const setting = set({ KmsMasterKeyId: 'alias/key', SqsManagedSseEnabled: 'true' });

    expect(withKey).toEqual({ SqsManagedSseEnabled: 'false', KmsDataKeyReusePeriodSeconds: '300' });
    await expect(setting).rejects.toMatchObject({ name: 'InvalidAttributeName' });
    await set({ SqsManagedSseEnabled: 'true' });
    expect(await attributesOf(bench, QueueUrl, 'SqsManagedSseEnabled', 'KmsMasterKeyId')).toEqual({
      SqsManagedSseEnabled: 'true',
    });
  });

  it('counts visible, delayed and in-flight messages', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('orders');
    for (const body of ['1', '2', '3']) await bench.send(QueueUrl, body);
    await bench.client.send(new SendMessageCommand({ QueueUrl, MessageBody: '4', DelaySeconds: 60 }));
    await bench.receive(QueueUrl, { max: 1 });

    const attributes = await attributesOf(
      bench,
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
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('orders');

    const asking = bench.sqs.service.handle(
      'GetQueueAttributes',
      { QueueUrl, AttributeNames: ['Colour'] },
      { kind: 'user' },
    );

    await expect(asking).rejects.toMatchObject({ code: 'InvalidAttributeName' });
  });
});

describe('SQS queues: finding and emptying them', () => {
  it('finds a queue by its name', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('orders.fifo');

    const found = await bench.client.send(new GetQueueUrlCommand({ QueueName: 'orders.fifo' }));

    expect(found.QueueUrl).toBe(QueueUrl);
  });

  it('rejects a queue that is not there with the typed exception and the code of the query protocol', async () => {
    const bench = await openSqsBench();

    const finding = bench.client.send(new GetQueueUrlCommand({ QueueName: 'nothing' }));

    await expect(finding).rejects.toBeInstanceOf(QueueDoesNotExist);
    await expect(finding).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('goes by the last segment of a queue URL, whatever its host', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('orders');

    await bench.sqs.service.handle(
      'SendMessage',
      { QueueUrl: 'https://sqs.eu-central-1.amazonaws.com/000000000000/orders', MessageBody: 'a' },
      { kind: 'service', principal: 'events.amazonaws.com' },
    );

    const [message] = await bench.receive(QueueUrl);
    expect(message?.Attributes?.SenderId).toBe('events.amazonaws.com');
  });

  it('lists queues by prefix, in pages', async () => {
    const bench = await openSqsBench();
    for (const name of ['a-1', 'b-1', 'a-2', 'a-3']) await bench.create(name);
    const list = (NextToken?: string) =>
      bench.client.send(
        new ListQueuesCommand({
          QueueNamePrefix: 'a-',
          MaxResults: 2,
          ...(NextToken === undefined ? {} : { NextToken }),
        }),
      );

    const first = await list();
    const second = await list(first.NextToken);

    const base = `${bench.url}/000000000000`;
    expect(first.QueueUrls).toEqual([`${base}/a-1`, `${base}/a-2`]);
    expect(second.QueueUrls).toEqual([`${base}/a-3`]);
    expect(second.NextToken).toBeUndefined();
  });

  it('tags and untags', async () => {
    const bench = await openSqsBench();
    const { QueueUrl } = await bench.client.send(
      new CreateQueueCommand({ QueueName: 'q', tags: { team: 'shop', env: 'dev' } }),
    );

    await bench.client.send(new TagQueueCommand({ QueueUrl, Tags: { env: 'prod', tier: '1' } }));
    await bench.client.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['team'] }));

    const { Tags } = await bench.client.send(new ListQueueTagsCommand({ QueueUrl }));
    expect(Tags).toEqual({ env: 'prod', tier: '1' });
  });

  it('purges visible, delayed and in-flight messages, once a minute', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('q.fifo');
    for (const body of ['1', '2']) await bench.send(QueueUrl, body, 'g');
    await bench.receive(QueueUrl, { max: 1 });

    await bench.client.send(new PurgeQueueCommand({ QueueUrl }));
    const again = bench.client.send(new PurgeQueueCommand({ QueueUrl }));

    await expect(again).rejects.toMatchObject({ name: 'PurgeQueueInProgress', $metadata: { httpStatusCode: 403 } });
    await bench.send(QueueUrl, '3', 'g');
    expect(bodies(await bench.receive(QueueUrl))).toEqual(['3']);
    bench.clock.advance(60_000);
    await bench.client.send(new PurgeQueueCommand({ QueueUrl }));
  });

  it('lists the queues whose dead letters a queue takes', async () => {
    const bench = await openSqsBench();
    const [first, dlq] = await bench.createPair('first', 'dlq', 3);
    const [second] = await bench.createPair('second', 'dlq', 3);

    const { queueUrls } = await bench.client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dlq }));

    expect(queueUrls).toEqual([first, second]);
  });

  it('shows depths and messages to the run without receiving them', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('q.fifo');
    await bench.send(QueueUrl, '1', 'g');
    await bench.send(QueueUrl, '2', 'h');
    await bench.receive(QueueUrl, { max: 1 });

    expect(bench.sqs.depths()).toEqual([
      {
        queueArn: 'arn:aws:sqs:eu-central-1:000000000000:q.fifo',
        queueName: 'q.fifo',
        visible: 1,
        inFlight: 1,
        delayed: 0,
        oldestSentAt: 1_767_225_600_000,
      },
    ]);
    expect(bench.sqs.peek('arn:aws:sqs:eu-central-1:000000000000:q.fifo')).toMatchObject([
      { body: '1', groupId: 'g', state: 'inFlight', receiveCount: 1 },
      { body: '2', groupId: 'h', state: 'visible', receiveCount: 0 },
    ]);
  });

  it('rejects an operation that it does not know by name', async () => {
    const bench = await openSqsBench();

    const asking = bench.sqs.service.handle('AddPermission', {}, { kind: 'user' });

    await expect(asking).rejects.toMatchObject({ code: 'UnknownOperationException' });
  });
});
