import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import { createMovableClock, type MovableClock } from '../../../local/clock.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import type { GroupLock } from '../../../local/sqs/fifo-order.ts';
import { createSqs, type Sqs } from '../../../local/sqs/sqs.ts';
import { removeLater } from '../../fixtures/leftovers.ts';
import { isForeign, looksInside, movesTime, sharedName } from './endpoint-under-test.ts';

/** 2026-01-01T00:00:00Z: the time at which every rig starts, and stays until it is moved. */
const T0 = 1_767_225_600_000;

/** An SQS under test: an engine of the test's own, unless the SDK's variables name an endpoint. */
interface SqsUnderTest {
  readonly client: SQSClient;
  /** Own engine only. */
  readonly clock: MovableClock;
  /** Own engine only. */
  readonly engine: Sqs;
  /** Moves the own clock ahead; elsewhere waits, up to a second. */
  pass(ms: number): Promise<void>;
  /** What a queue of this test is called where names are shared with others. */
  queueName(name: string): string;
  arn(name: string): string;
}

export interface SqsRig extends SqsUnderTest {
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

/**
 * SQS over the wire; what the test made goes with it.
 * @param groupLock of an own engine. @default the engine's
 */
export async function openSqsRig(groupLock?: GroupLock): Promise<SqsRig> {
  const under = isForeign('SQS') ? await useForeignSqs() : await startOwnSqs(groupLock);
  const { client, queueName, arn } = under;

  const create = async (name: string, Attributes: Record<string, string> = {}) => {
    const fifo = name.endsWith('.fifo') ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' } : {};
    const { QueueUrl = '' } = await client.send(
      new CreateQueueCommand({ QueueName: queueName(name), Attributes: { ...fifo, ...Attributes } }),
    );
    return QueueUrl;
  };

  // the getters of what only an own engine has must stay getters
  return Object.assign(under, {
    create,
    async createPair(source, dlq, maxReceiveCount, attributes = {}) {
      const dlqUrl = await create(dlq);
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn(dlq), maxReceiveCount });
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
  } satisfies Omit<SqsRig, keyof SqsUnderTest>);
}

async function startOwnSqs(groupLock?: GroupLock): Promise<SqsUnderTest> {
  const clock = createMovableClock(() => T0);
  const endpoint = await openEndpoint({ log: () => {} });
  let ids = 0;
  const engine = createSqs({
    clock,
    region: 'eu-central-1',
    accountId: '000000000000',
    log: () => {},
    endpointUrl: () => endpoint.url,
    ...(groupLock === undefined ? {} : { groupLock }),
    newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
  });
  endpoint.add(engine.service);
  const client = new SQSClient({
    endpoint: endpoint.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  onTestFinished(async () => {
    client.destroy();
    engine.close();
    await endpoint.close();
  });
  return {
    client,
    clock,
    engine,
    pass: async (ms) => clock.advance(ms),
    queueName: (name) => name,
    arn: (name) => `arn:aws:sqs:eu-central-1:000000000000:${name}`,
  };
}

const LONGEST_WAIT_MS = 1_000;
/** For what an endpoint does a little later than it could. */
const GRACE_MS = 300;

async function useForeignSqs(): Promise<SqsUnderTest> {
  const client = new SQSClient({ maxAttempts: 1 });
  // of this test alone: the name of a deleted queue stays taken for a while
  const prefix = sharedName('SQS', `${randomUUID().slice(0, 8)}-`);
  removeLater(async () => {
    const { QueueUrls = [] } = await client.send(new ListQueuesCommand({ QueueNamePrefix: prefix }));
    for (const QueueUrl of QueueUrls) await client.send(new DeleteQueueCommand({ QueueUrl }));
    client.destroy();
  });
  // a queue's ARN is all that tells region and account
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: `${prefix}place` }));
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  const { Attributes } = await client.send(asked);
  const place = (Attributes?.['QueueArn'] ?? '').slice(0, -'place'.length);
  return {
    client,
    get clock() {
      return movesTime();
    },
    get engine() {
      return looksInside();
    },
    pass: (ms) => (ms > LONGEST_WAIT_MS ? movesTime() : setTimeout(ms + GRACE_MS)),
    queueName: (name) => prefix + name,
    arn: (name) => place + name,
  };
}

export const bodies = (messages: readonly Message[]) => messages.map((message) => message.Body);
