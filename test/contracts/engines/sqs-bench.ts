import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import { createMovableClock, type MovableClock } from '../../../local/clock.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import { createSqs, type Sqs } from '../../../local/sqs/sqs.ts';

/** 2026-01-01T00:00:00Z: the time at which every bench starts, and stays until it is moved. */
export const T0 = 1_767_225_600_000;

export interface SqsBench {
  readonly client: SQSClient;
  readonly clock: MovableClock;
  readonly sqs: Sqs;
  readonly url: string;
  /** @returns the queue's URL. */
  create(name: string, attributes?: Record<string, string>): Promise<string>;
  /** Creates `source` with `dlq` behind it. @returns both URLs. */
  createPair(
    source: string,
    dlq: string,
    maxReceiveCount: number,
    attributes?: Record<string, string>,
  ): Promise<[string, string]>;
  send(queueUrl: string, body: string, groupId?: string): Promise<string>;
  /** @returns at most `max` messages, 10 by default, with all attributes. */
  receive(queueUrl: string, options?: { max?: number; visibilityTimeout?: number; wait?: number }): Promise<Message[]>;
  attribute(
    queueUrl: string,
    name:
      | 'QueueArn'
      | 'ApproximateNumberOfMessages'
      | 'ApproximateNumberOfMessagesNotVisible'
      | 'ApproximateNumberOfMessagesDelayed',
  ): Promise<string>;
}

/** The engine behind a real endpoint, with a real client; all closed when the test ends. */
export async function openSqsBench(): Promise<SqsBench> {
  const clock = createMovableClock(() => T0);
  const endpoint = await openEndpoint({ log: () => {} });
  let ids = 0;
  const sqs = createSqs({
    clock,
    region: 'eu-central-1',
    accountId: '000000000000',
    log: () => {},
    endpointUrl: () => endpoint.url,
    newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
  });
  endpoint.add(sqs.service);
  const client = new SQSClient({
    endpoint: endpoint.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  onTestFinished(async () => {
    client.destroy();
    sqs.close();
    await endpoint.close();
  });

  const create = async (QueueName: string, Attributes: Record<string, string> = {}) => {
    const fifo = QueueName.endsWith('.fifo') ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' } : {};
    const { QueueUrl = '' } = await client.send(
      new CreateQueueCommand({ QueueName, Attributes: { ...fifo, ...Attributes } }),
    );
    return QueueUrl;
  };

  return {
    client,
    clock,
    sqs,
    url: endpoint.url,
    create,
    async createPair(source, dlq, maxReceiveCount, attributes = {}) {
      const dlqUrl = await create(dlq);
      const deadLetterTargetArn = `arn:aws:sqs:eu-central-1:000000000000:${dlq}`;
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
      return [await create(source, { ...attributes, RedrivePolicy }), dlqUrl];
    },
    async send(QueueUrl, MessageBody, MessageGroupId) {
      const sent = await client.send(
        new SendMessageCommand({ QueueUrl, MessageBody, ...(MessageGroupId === undefined ? {} : { MessageGroupId }) }),
      );
      return sent.MessageId ?? '';
    },
    async receive(QueueUrl, { max = 10, visibilityTimeout, wait } = {}) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: max,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
          ...(visibilityTimeout === undefined ? {} : { VisibilityTimeout: visibilityTimeout }),
          ...(wait === undefined ? {} : { WaitTimeSeconds: wait }),
        }),
      );
      return Messages;
    },
    async attribute(QueueUrl, name) {
      const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] }));
      return Attributes?.[name] ?? '';
    },
  };
}

export const bodies = (messages: readonly Message[]) => messages.map((message) => message.Body);
