import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSqsConsumerQueue } from '../../../lib/consumer/index.ts';
import { createMovableClock, type MovableClock } from '../../../local/clock.ts';
import { type Endpoint, openEndpoint } from '../../../local/endpoint/endpoint.ts';
import { createSqs, type Sqs } from '../../../local/sqs/sqs.ts';

let clock: MovableClock;
let sqs: Sqs;
let endpoint: Endpoint;
let client: SQSClient;
let queueUrl: string;
let rings = 0;
let queues = 0;

beforeAll(async () => {
  clock = createMovableClock();
  const log = () => undefined;
  endpoint = await openEndpoint({ log });
  let ids = 0;
  sqs = createSqs({
    clock,
    region: 'eu-west-1',
    accountId: '000000000000',
    log,
    endpointUrl: () => endpoint.url,
    newId: () => `id-${++ids}`,
  });
  endpoint.add(sqs.service);
  client = new SQSClient({
    endpoint: endpoint.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'k', secretAccessKey: 's' },
  });
});

beforeEach(async () => {
  const created = await client.send(
    new CreateQueueCommand({
      QueueName: `billing-${++queues}.fifo`,
      Attributes: { FifoQueue: 'true', ContentBasedDeduplication: 'true' },
    }),
  );
  queueUrl = created.QueueUrl ?? '';
});

afterAll(async () => {
  client.destroy();
  await endpoint.close();
  sqs.close();
});

const queue = () => createSqsConsumerQueue({ client, queueUrl, newDeduplicationId: () => `ring-${++rings}` });

const receive = async () => {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'] }),
  );
  return Messages;
};

describe('SQS queue', () => {
  it('sends every notification in the event’s group, even if the body is the same', async () => {
    await queue().resend('order#1', 'body');
    await queue().resend('order#1', 'body');

    const messages = await receive();

    expect(messages.map(({ Body, Attributes }) => [Body, Attributes?.MessageGroupId])).toStrictEqual([
      ['body', 'order#1'],
      ['body', 'order#1'],
    ]);
  });

  it('changes the visibility of a message to the given time', async () => {
    await queue().resend('order#2', 'changed');
    const [message] = await receive();

    expect(await queue().changeVisibility(message?.ReceiptHandle ?? '', 300)).toBe('changed');

    clock.advance(299_000);
    expect(await receive()).toHaveLength(0);
    clock.advance(2_000);
    expect(await receive()).toHaveLength(1);
  });

  it('reports that a message no longer exists if it was deleted or its receipt has expired', async () => {
    await queue().resend('order#3', 'gone');
    const [first] = await receive();
    clock.advance(31_000);
    const [second] = await receive();

    expect(await queue().changeVisibility(first?.ReceiptHandle ?? '', 5)).toBe('stale');
    await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: second?.ReceiptHandle }));
    expect(await queue().changeVisibility(second?.ReceiptHandle ?? '', 5)).toBe('stale');
  });

  it('acknowledges more messages than one request takes', async () => {
    for (let index = 1; index <= 12; index++) await queue().resend(`order#${index + 10}`, 'done');
    const messages = [...(await receive()), ...(await receive())];

    await queue().delete(messages.map(({ ReceiptHandle }) => ReceiptHandle ?? ''));

    expect(messages).toHaveLength(12);
    clock.advance(31_000);
    expect(await receive()).toHaveLength(0);
  });

  it('does not throw if messages cannot be acknowledged, so that SQS delivers them again', async () => {
    const mocked = new SQSClient({ region: 'eu-west-1' });
    mockClient(mocked)
      .on(DeleteMessageBatchCommand)
      .rejects(Object.assign(new Error('slow down'), { name: 'RequestThrottled' }));

    const throttled = createSqsConsumerQueue({ client: mocked, queueUrl, newDeduplicationId: () => 'x' }).delete(['a']);

    await expect(throttled).resolves.toBeUndefined();
  });

  it('knows when the queue was created', async () => {
    expect(Math.abs((await queue().createdAt()) - clock.now())).toBeLessThan(3_600_000);
  });

  it('reads the creation time once, in seconds since 1970', async () => {
    const mocked = new SQSClient({ region: 'eu-west-1' });
    const calls = mockClient(mocked)
      .on(GetQueueAttributesCommand)
      .resolves({ Attributes: { CreatedTimestamp: '1795154400' } });
    const { createdAt } = createSqsConsumerQueue({ client: mocked, queueUrl, newDeduplicationId: () => 'x' });

    expect([await createdAt(), await createdAt()]).toStrictEqual([1_795_154_400_000, 1_795_154_400_000]);
    expect(calls.calls().map((call) => call.args[0].input)).toStrictEqual([
      { QueueUrl: queueUrl, AttributeNames: ['CreatedTimestamp'] },
    ]);
  });

  it('deletes ten messages with one request, as the service allows', async () => {
    const mocked = new SQSClient({ region: 'eu-west-1' });
    const calls = mockClient(mocked).on(DeleteMessageBatchCommand).resolves({});
    const receipts = Array.from({ length: 20 }, (_, index) => `r${index}`);

    await createSqsConsumerQueue({ client: mocked, queueUrl, newDeduplicationId: () => 'x' }).delete(receipts);

    const batch = (from: number) =>
      receipts.slice(from, from + 10).map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    expect(calls.calls().map((call) => call.args[0].input)).toStrictEqual([
      { QueueUrl: queueUrl, Entries: batch(0) },
      { QueueUrl: queueUrl, Entries: batch(10) },
    ]);
  });

  it.each([
    { name: 'ReceiptHandleIsInvalid' },
    { name: 'MessageNotInflight' },
    { name: 'InvalidParameterValueException' },
    { name: 'ServiceError', Code: 'InvalidParameterValue' },
  ])('recognizes each answer of SQS for a message that no longer exists: %o', async (answer) => {
    const mocked = new SQSClient({ region: 'eu-west-1' });
    mockClient(mocked)
      .on(ChangeMessageVisibilityCommand)
      .rejects(Object.assign(new Error('gone'), answer));

    const hidden = createSqsConsumerQueue({ client: mocked, queueUrl, newDeduplicationId: () => 'x' }).changeVisibility(
      'receipt',
      5,
    );

    expect(await hidden).toBe('stale');
  });

  it('rejects with errors that are not about the message', async () => {
    const mocked = new SQSClient({ region: 'eu-west-1' });
    mockClient(mocked)
      .on(ChangeMessageVisibilityCommand)
      .rejects(Object.assign(new Error('slow down'), { name: 'RequestThrottled' }));

    const throttled = createSqsConsumerQueue({
      client: mocked,
      queueUrl,
      newDeduplicationId: () => 'x',
    }).changeVisibility('receipt', 5);

    await expect(throttled).rejects.toMatchObject({ name: 'RequestThrottled' });
  });
});
