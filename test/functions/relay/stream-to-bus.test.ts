import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import type { Context, DynamoDBStreamEvent } from 'aws-lambda';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRelayHandler } from '../../../functions/relay/handler.ts';
import {
  createDynamoDbOutboxStore,
  createDynamoDbPendingMarkers,
  createEventBridgePublisher,
  createRelay,
} from '../../../lib/outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';
import { readStream, startOwnDynamoDb } from '../../contracts/engines/dynamodb-rig.ts';
import { queueArn, startOwnEventBridge } from '../../contracts/engines/eventbridge-rig.ts';
import { createVirtualTime } from '../../fixtures/virtual-time.ts';

const T0 = 1_700_000_000_000 as EpochMs;

const KEYS = {
  KeySchema: [
    { AttributeName: 'partitionkey', KeyType: 'HASH' as const },
    { AttributeName: 'sequence', KeyType: 'RANGE' as const },
  ],
  AttributeDefinitions: [
    { AttributeName: 'partitionkey', AttributeType: 'S' as const },
    { AttributeName: 'sequence', AttributeType: 'N' as const },
  ],
};

const eventOf = (group: string, sequence: number, body = `{"id":"${group}-${sequence}"}`) => ({
  group,
  sequence,
  id: `${group}-${sequence}`,
  source: '/orders',
  type: 'com.example.order.placed',
  body,
  committedAt: T0,
  expires: 1_700_600_000 as EpochSeconds,
});

/** Producer, stream, relay and bus, all over the wire. */
async function setUp() {
  const dynamo = await startOwnDynamoDb();
  const bus = await startOwnEventBridge();
  onTestFinished(async () => await bus[Symbol.asyncDispose]());
  const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' as const };
  const streamArn = await dynamo.createTable({ TableName: 'outbox', ...KEYS, StreamSpecification });
  await dynamo.createTable({ TableName: 'pending', ...KEYS });
  await bus.client.send(new PutRuleCommand({ Name: 'all', EventPattern: '{"source":["/orders"]}' }));
  const target = { Id: 'queue', Arn: queueArn('all'), InputPath: '$.detail' };
  await bus.client.send(new PutTargetsCommand({ Rule: 'all', Targets: [target] }));

  const tables = { outboxTableName: 'outbox', pendingTableName: 'pending' };
  const store = createDynamoDbOutboxStore({ client: dynamo.client, ...tables });
  const relay = createRelay({
    publisher: createEventBridgePublisher({ client: bus.client, busName: 'default' }),
    markers: createDynamoDbPendingMarkers({ client: dynamo.client, tableName: 'pending' }),
    ...createVirtualTime(T0),
    // requests take the machine's time, of which virtual time knows nothing
    signalAfter: () => new AbortController().signal,
    random: () => 0.5,
    logger: { info() {}, warn() {}, error() {} },
    metrics: { addMetric() {} },
  });
  const handler = createRelayHandler({
    relay,
    logger: { addContext() {} },
    metrics: { hasStoredMetrics: () => false, publishStoredMetrics() {} },
  });
  return {
    bus,
    store,
    streamRecords: async (): Promise<DynamoDBStreamEvent> => ({
      Records: JSON.parse(JSON.stringify(await readStream(dynamo, streamArn))),
    }),
    relay: (event: DynamoDBStreamEvent) => handler(event, { getRemainingTimeInMillis: () => 60_000 } as Context),
    pending: async () => (await dynamo.client.send(new ScanCommand({ TableName: 'pending' }))).Items ?? [],
    delivered: async () => {
      await bus.settle();
      return bus.delivered.map(({ input }) => input);
    },
  };
}

describe('the relay between stream and bus', () => {
  it('publishes the committed events to the bus and clears the pending table', async () => {
    const { store, streamRecords, relay, pending, delivered } = await setUp();
    const events = [eventOf('order#1', 1), eventOf('order#1', 2), eventOf('order#2', 1)];
    const heads = [
      { group: 'order#1', from: 0, to: 2 },
      { group: 'order#2', from: 0, to: 1 },
    ];
    await store.commit({ token: 'commit-1', writes: [], heads, events });

    const response = await relay(await streamRecords());

    expect(response).toEqual({ batchItemFailures: [] });
    expect((await delivered()).toSorted()).toEqual(['{"id":"order#1-1"}', '{"id":"order#1-2"}', '{"id":"order#2-1"}']);
    expect(await pending()).toEqual([]);
  });

  it('stores the reason with an event that the bus rejects', async () => {
    const { store, streamRecords, relay, pending, delivered } = await setUp();
    const events = [eventOf('order#1', 1, 'no json'), eventOf('order#1', 2)];
    await store.commit({ token: 'commit-1', writes: [], heads: [{ group: 'order#1', from: 0, to: 2 }], events });

    const response = await relay(await streamRecords());

    expect(response).toEqual({ batchItemFailures: [] });
    expect(await delivered()).toEqual(['{"id":"order#1-2"}']);
    expect(await pending()).toMatchObject([
      {
        partitionkey: { S: 'order#1' },
        sequence: { N: '1' },
        id: { S: 'order#1-1' },
        quarantined: {
          M: { code: { S: 'MalformedDetail' }, message: { S: 'Detail is malformed.' }, at: { N: '1700000000000' } },
        },
      },
    ]);
  });

  it('resumes at the failed event when the bus accepts events again', async () => {
    const { bus, store, streamRecords, relay, pending, delivered } = await setUp();
    const events = [eventOf('order#1', 1), eventOf('order#2', 1)];
    await store.commit({ token: 'commit-1', writes: [], heads: [], events });
    const { Records } = await streamRecords();
    bus.faults.onPutEventsEntry = ({ Detail }) =>
      Detail === '{"id":"order#2-1"}' ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' } : undefined;

    const first = await relay({ Records });
    const pendingMeanwhile = await pending();
    bus.faults = {};
    const from = Records.findIndex(
      ({ dynamodb }) => dynamodb?.SequenceNumber === first.batchItemFailures[0]?.itemIdentifier,
    );
    const second = await relay({ Records: Records.slice(from) });

    expect(from).toBeGreaterThanOrEqual(0);
    expect(pendingMeanwhile).toMatchObject([{ id: { S: 'order#2-1' } }]);
    expect(second).toEqual({ batchItemFailures: [] });
    expect(new Set(await delivered())).toEqual(new Set(['{"id":"order#1-1"}', '{"id":"order#2-1"}']));
    expect(await pending()).toEqual([]);
  });
});
