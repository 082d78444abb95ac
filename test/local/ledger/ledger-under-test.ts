import { createMovableClock } from '../../../local/clock.ts';
import { createDynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import { type JsonObject, type JsonService, USER } from '../../../local/endpoint/service.ts';
import { compileEventPattern } from '../../../local/eventbridge/pattern/event-pattern.ts';
import type { Duty } from '../../../local/ledger/subscription-history.ts';
import { type Ledger, takeLedger } from '../../../local/ledger/take-ledger.ts';
import type { Consumer, Topology } from '../../../local/ledger/topology.ts';
import { createSqs } from '../../../local/sqs/sqs.ts';
import { createAwsClients } from '../../../local/start/aws-clients.ts';

const REGION = 'eu-west-1';
const ACCOUNT = '123456789012';
const arnOf = (queueName: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${queueName}`;

/** `a` is its id, `order#1` its group, 1 its sequence, and `placed` its type, unless the test says so. */
export const eventOf = (more: { readonly id?: string; readonly sequence?: number; readonly type?: string } = {}) => ({
  specversion: '1.0',
  id: more.id ?? 'a',
  source: '/orders',
  type: more.type ?? 'placed',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  dataschema: 'urn:waybill:schema:placed:1',
  data: {},
  partitionkey: 'order#1',
  sequence: String(more.sequence ?? 1).padStart(16, '0'),
  correlationid: 'c',
  traceparent: '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01',
  hops: 0,
});

type TestEvent = ReturnType<typeof eventOf>;

export interface LedgerUnderTest extends AsyncDisposable {
  putLogged(event: TestEvent, stored?: string): Promise<void>;
  putMarker(event: TestEvent, quarantined?: { readonly code: string; readonly message: string }): Promise<void>;
  putInbox(id: string, status: 'COMPLETED' | 'INPROGRESS'): Promise<void>;
  /** `billing` waits in `order#1` for this sequence. */
  putWaitingCursor(sequence: number): Promise<void>;
  send(queueName: string, body: string, attributes?: Readonly<Record<string, string>>): Promise<void>;
  receive(queueName: string): Promise<void>;
  take(
    failureOf?: (consumer: string, eventId: string) => string | undefined,
    terms?: Pick<Duty, 'owed'>,
  ): Promise<Ledger>;
}

/** The consumer `billing` takes `placed`; its queues are billing.fifo, billing-dead.fifo and billing-undeliverable. */
export async function openLedger(): Promise<LedgerUnderTest> {
  const clock = createMovableClock();
  const log = () => {};
  const endpoint = await openEndpoint({ log });
  const engine = { clock, region: REGION, accountId: ACCOUNT, log, endpointUrl: () => endpoint.url };
  const dynamoDb = createDynamoDb(engine);
  let ids = 0;
  const sqs = createSqs({ ...engine, newId: () => `id-${++ids}` });
  endpoint.add(dynamoDb.service, sqs.service);
  const clients = createAwsClients(endpoint.url, REGION);
  const call = (service: JsonService, operation: string, input: JsonObject) => service.handle(operation, input, USER);

  for (const [name, hash, range] of TABLES) await call(dynamoDb.service, 'CreateTable', tableInput(name, hash, range));
  for (const QueueName of ['billing.fifo', 'billing-dead.fifo', 'billing-undeliverable']) {
    const Attributes = QueueName.endsWith('.fifo') ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' } : {};
    await call(sqs.service, 'CreateQueue', { QueueName, Attributes });
  }
  const urlOf = (queueName: string) => `${endpoint.url}/${ACCOUNT}/${queueName}`;
  const put = async (TableName: string, Item: JsonObject) => {
    await call(dynamoDb.service, 'PutItem', { TableName, Item });
  };
  const keyOf = (event: TestEvent) => ({
    partitionkey: { S: event.partitionkey },
    sequence: { N: String(Number(event.sequence)) },
  });

  return {
    putLogged: (event, stored = JSON.stringify(event)) =>
      put('outbox', { ...keyOf(event), kind: { S: 'EVENT' }, id: { S: event.id }, event: { S: stored } }),
    putMarker: (event, note) =>
      put('pending', {
        ...keyOf(event),
        ...(note && { quarantined: { M: { code: { S: note.code }, message: { S: note.message } } } }),
      }),
    putInbox: (id, status) => put('inbox', { id: { S: id }, status: { S: status } }),
    putWaitingCursor: (sequence) =>
      put('cursors', {
        id: { S: 'billing#order#1' },
        consumer: { S: 'billing' },
        group: { S: 'order#1' },
        processed: { N: String(sequence - 1) },
        seen: { N: '9' },
        generation: { N: '0' },
        revision: { N: '1' },
        waitingFor: {
          M: {
            sequence: { N: String(sequence) },
            since: { N: '0' },
            attempts: { N: '5' },
            reason: { M: { code: { S: 'CARD_REFUSED' }, message: { S: 'no money' } } },
            state: { S: 'dead' },
            permanent: { BOOL: false },
          },
        },
      }),
    async send(queueName, MessageBody, attributes = {}) {
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      );
      const group = queueName.endsWith('.fifo') ? { MessageGroupId: 'g' } : {};
      await call(sqs.service, 'SendMessage', { QueueUrl: urlOf(queueName), MessageBody, MessageAttributes, ...group });
    },
    async receive(queueName) {
      await call(sqs.service, 'ReceiveMessage', { QueueUrl: urlOf(queueName) });
    },
    take(failureOf = () => undefined, terms) {
      const topology = topologyOf(urlOf('billing.fifo'));
      const [consumer = billingConsumer('')] = topology.consumers;
      return takeLedger({
        dynamoDb: clients.dynamoDb,
        sqs,
        topology,
        failureOf,
        ...(terms === undefined ? {} : { dutiesOf: () => [{ consumer, ...terms }] }),
      });
    },
    async [Symbol.asyncDispose]() {
      clients[Symbol.dispose]();
      await endpoint.close();
      sqs.close();
      await dynamoDb.close();
    },
  };
}

const TABLES: readonly (readonly [name: string, hash: string, range?: string])[] = [
  ['outbox', 'partitionkey', 'sequence'],
  ['pending', 'partitionkey', 'sequence'],
  ['inbox', 'id'],
  ['cursors', 'id'],
];

const tableInput = (TableName: string, hash: string, range: string | undefined) => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: hash, AttributeType: 'S' },
    ...(range === undefined ? [] : [{ AttributeName: range, AttributeType: 'N' }]),
  ],
  KeySchema: [
    { AttributeName: hash, KeyType: 'HASH' },
    ...(range === undefined ? [] : [{ AttributeName: range, KeyType: 'RANGE' }]),
  ],
});

export const billingConsumer = (queueUrl: string): Consumer => ({
  name: 'billing',
  functionName: 'billing-function',
  inboxTableName: 'inbox',
  cursorsTableName: 'cursors',
  queue: {
    kind: 'queue',
    stackName: 'S',
    logicalId: 'Q',
    type: 'AWS::SQS::Queue',
    physicalId: queueUrl,
    constructPath: 'S/Q',
    arn: arnOf('billing.fifo'),
    queueName: 'billing.fifo',
    url: queueUrl,
    fifo: true,
    deadLetterQueueArn: arnOf('billing-dead.fifo'),
    maxReceiveCount: 5,
  },
  deadLetterQueueArn: arnOf('billing-dead.fifo'),
  deadLetterQueueUrl: queueUrl.replace('billing', 'billing-dead'),
  undeliverableQueueArns: [arnOf('billing-undeliverable')],
  takes: compileEventPattern('{"detail-type":["placed"],"source":["/orders"],"detail":{"hops":[0]}}'),
});

const topologyOf = (queueUrl: string): Topology => ({
  region: REGION,
  accountId: ACCOUNT,
  outboxTableName: 'outbox',
  pendingTableName: 'pending',
  consumers: [billingConsumer(queueUrl)],
  queueNames: new Map(
    ['billing.fifo', 'billing-dead.fifo', 'billing-undeliverable'].map((name) => [arnOf(name), name]),
  ),
  serviceNames: new Map(),
});
