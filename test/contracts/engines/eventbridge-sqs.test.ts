import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createBusTargets } from '../../../local/bus-targets.ts';
import { createMovableClock, type MovableClock } from '../../../local/clock.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import { createEventBridge, type EventBridge } from '../../../local/eventbridge/eventbridge.ts';
import { createSqs } from '../../../local/sqs/sqs.ts';
import { needsOwnEngine } from './endpoint-under-test.ts';

const PLACE = { region: 'eu-central-1', accountId: '111122223333' };
const T0 = Date.UTC(2026, 10, 20, 6, 0, 0) as EpochMs;

const queueArn = (name: string) => `arn:aws:sqs:eu-central-1:111122223333:${name}`;
const queueUrl = (name: string) => `${endpointUrl}/111122223333/${name}`;

let clock: MovableClock;
let endpointUrl: string;
let bus: EventBridge;
let events: EventBridgeClient;
let queues: SQSClient;

beforeEach(async () => {
  needsOwnEngine('EVENTBRIDGE', 'it moves time, and bus and queues are one');
  clock = createMovableClock(() => T0);
  let ids = 0;
  const newId = () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;
  const log = () => undefined;
  const endpoint = await openEndpoint({ log });
  endpointUrl = endpoint.url;
  const sqs = createSqs({ ...PLACE, clock, log, newId, endpointUrl: () => endpoint.url });
  const noFunctions = () => {
    throw new Error('this test has no functions');
  };
  bus = createEventBridge({
    ...PLACE,
    clock,
    log,
    newId,
    random: () => 0.5,
    ...createBusTargets(sqs.service, noFunctions),
  });
  endpoint.add(bus.service, sqs.service);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  events = new EventBridgeClient({ endpoint: endpoint.url, region: PLACE.region, credentials });
  queues = new SQSClient({ endpoint: endpoint.url, region: PLACE.region, credentials });
  onTestFinished(async () => {
    events.destroy();
    queues.destroy();
    bus.close();
    sqs.close();
    await endpoint.close();
  });
  await events.send(new CreateEventBusCommand({ Name: 'shop' }));
  await createQueue('dlq');
});

const createQueue = (QueueName: string, attributes: Record<string, string> = {}) =>
  queues.send(new CreateQueueCommand({ QueueName, Attributes: attributes }));

const createFifo = (attributes: Record<string, string> = { ContentBasedDeduplication: 'true' }) =>
  createQueue('orders.fifo', { FifoQueue: 'true', ...attributes });

const addTarget = async (target: Partial<Target> = {}) => {
  await events.send(new PutRuleCommand({ Name: 'r', EventBusName: 'shop', EventPattern: '{"source":["orders"]}' }));
  await events.send(
    new PutTargetsCommand({
      Rule: 'r',
      EventBusName: 'shop',
      Targets: [
        {
          Id: 't',
          Arn: queueArn('orders.fifo'),
          InputPath: '$.detail',
          SqsParameters: { MessageGroupId: '$.detail.partitionkey' },
          DeadLetterConfig: { Arn: queueArn('dlq') },
          ...target,
        },
      ],
    }),
  );
};

const put = async (...details: object[]) => {
  const Entries = details.map((detail) => ({
    EventBusName: 'shop',
    Source: 'orders',
    DetailType: 'order.placed',
    Detail: JSON.stringify(detail),
  }));
  await events.send(new PutEventsCommand({ Entries }));
  await expect.poll(() => bus.pendingDeliveries()).toBe(0);
};

const receive = async (name: string) => {
  const { Messages: messages = [] } = await queues.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl(name),
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
  );
  return messages;
};

describe('a FIFO queue as the target of a rule', () => {
  it('receives the details in order, each in the group that its MessageGroupId path selects', async () => {
    await createFifo();
    await addTarget();

    await put(...[1, 2, 3, 4].map((n) => ({ partitionkey: `order#${n % 2}`, n })));

    const messages = await receive('orders.fifo');
    const inGroup = (group: string) =>
      messages.filter(({ Attributes }) => Attributes?.['MessageGroupId'] === group).map(({ Body }) => Body);
    expect(inGroup('order#1')).toEqual(['{"partitionkey":"order#1","n":1}', '{"partitionkey":"order#1","n":3}']);
    expect(inGroup('order#0')).toEqual(['{"partitionkey":"order#0","n":2}', '{"partitionkey":"order#0","n":4}']);
  });

  it('treats the same detail within 5 minutes as a duplicate, and later as a new message', async () => {
    await createFifo({ ContentBasedDeduplication: 'true', VisibilityTimeout: '0' });
    await addTarget();

    await put({ partitionkey: 'a' });
    await put({ partitionkey: 'a' });
    const within = await receive('orders.fifo');
    clock.advance(5 * 60_000 + 1);
    await put({ partitionkey: 'a' });

    expect(within).toHaveLength(1);
    expect(await receive('orders.fifo')).toHaveLength(2);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['without content-based deduplication', () => createFifo({}), 'INVALID_PARAMETER'],
    [
      'that is gone',
      async () => {
        await createFifo();
        await queues.send(new DeleteQueueCommand({ QueueUrl: queueUrl('orders.fifo') }));
      },
      'NO_RESOURCE',
    ],
  ])('%s receives nothing, and the whole event goes to the dead-letter queue', async (_what, prepare, code) => {
    await prepare();
    await addTarget();

    await put({ partitionkey: 'a' });

    const [letter] = await receive('dlq');
    expect(JSON.parse(letter?.Body ?? '')).toMatchObject({ source: 'orders', detail: { partitionkey: 'a' } });
    expect(letter?.MessageAttributes).toMatchObject({
      RULE_ARN: { DataType: 'String', StringValue: 'arn:aws:events:eu-central-1:111122223333:rule/shop/r' },
      TARGET_ARN: { DataType: 'String', StringValue: queueArn('orders.fifo') },
      ERROR_CODE: { DataType: 'String', StringValue: code },
      RETRY_ATTEMPTS: { DataType: 'String', StringValue: '0' },
    });
  });
});
