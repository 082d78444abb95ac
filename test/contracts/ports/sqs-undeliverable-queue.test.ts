import {
  ChangeMessageVisibilityBatchCommand,
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSqsUndeliverableQueue, deliver } from '../../../lib/operations/index.ts';
import { createMovableClock } from '../../../local/clock.ts';
import { type Endpoint, openEndpoint } from '../../../local/endpoint/endpoint.ts';
import { createSqs, type Sqs } from '../../../local/sqs/sqs.ts';
import { gathered } from '../../lib/operations/rig.ts';

let sqs: Sqs;
let endpoint: Endpoint;
let client: SQSClient;
let queueUrl: string;
let queues = 0;

beforeAll(async () => {
  const log = () => undefined;
  endpoint = await openEndpoint({ log });
  let ids = 0;
  sqs = createSqs({
    clock: createMovableClock(),
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
  const created = await client.send(new CreateQueueCommand({ QueueName: `undeliverable-${++queues}` }));
  queueUrl = created.QueueUrl ?? '';
});

afterAll(async () => {
  client.destroy();
  await endpoint.close();
  sqs.close();
});

const undeliverable = () => createSqsUndeliverableQueue({ client, queueUrl });

const put = (MessageBody: string, code?: string) =>
  client.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody,
      ...(code === undefined ? {} : { MessageAttributes: { ERROR_CODE: { DataType: 'String', StringValue: code } } }),
    }),
  );

const bodiesShown = async () => {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
  );
  return Messages.map(({ Body }) => Body);
};

describe('SQS undeliverable queue', () => {
  it('returns messages with the reason of the bus, and keeps them invisible until they are released', async () => {
    await put('one', 'NO_PERMISSIONS');
    await put('two');

    const received = await undeliverable().receive();
    const hidden = await bodiesShown();
    await undeliverable().show(received.map(({ receiptHandle }) => receiptHandle));

    expect(received.map(({ body, errorCode }) => [body, errorCode])).toStrictEqual([
      ['one', 'NO_PERMISSIONS'],
      ['two', ''],
    ]);
    expect(hidden).toStrictEqual([]);
    expect(await bodiesShown()).toStrictEqual(['one', 'two']);
  });

  it('ignores a failure to make a message visible again', async () => {
    const refusing = mockClient(client);
    refusing.on(ChangeMessageVisibilityBatchCommand).rejects(new Error('token expired'));

    await expect(undeliverable().show(['a', 'b'])).resolves.toBeUndefined();

    expect(refusing.commandCalls(ChangeMessageVisibilityBatchCommand)).toHaveLength(1);
    refusing.restore();
  });

  it('is read to its end, and remaining messages are visible at once', async () => {
    for (let number = 1; number <= 23; number++) await put(`no event, ${number}`);

    const done = await gathered(
      deliver({ undeliverable: undeliverable(), queue: { resend: async () => undefined }, takes: () => true }),
    );

    expect(done).toHaveLength(23);
    expect(await bodiesShown()).toHaveLength(10);
  });
});
