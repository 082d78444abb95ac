import { randomBytes, randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { createConsumer, type EventHandler, type EventLog, handlersFor } from '../../lib/consumer/index.ts';
import { CURSORS_TABLE, INBOX_TABLE, METRIC_NAMESPACE, type Ordering } from '../../lib/definitions/index.ts';
import { createEventIds } from '../../lib/event/index.ts';
import { createOutbox } from '../../lib/outbox/index.ts';
import { type EpochMs, systemClock } from '../../lib/shared/time.ts';
import { createInMemoryCursorStore } from '../../lib/testing/in-memory-cursor-store.ts';
import { createInMemoryFailureNotes } from '../../lib/testing/in-memory-failure-notes.ts';
import { createInMemoryInbox } from '../../lib/testing/in-memory-inbox.ts';
import { createInMemoryInboxMemory } from '../../lib/testing/in-memory-inbox-memory.ts';
import { createInMemoryOutboxStore } from '../../lib/testing/in-memory-outbox-store.ts';
import type { InMemoryTables } from '../../lib/testing/in-memory-tables.ts';
import { createInMemoryTables } from '../../lib/testing/index.ts';
import { lambdaContext } from '../../test/fixtures/lambda-context.ts';
import { createTestQueue } from '../../test/fixtures/test-queue.ts';
import { benchSubscription, Happened } from '../app/events.ts';

const TABLES = { inbox: INBOX_TABLE, cursors: CURSORS_TABLE, own: INBOX_TABLE };

export interface BenchConsumer {
  /** @throws Error if a message failed */
  handle(event: SQSEvent): Promise<void>;
  invoke(event: SQSEvent): Promise<SQSBatchResponse>;
  /** Everything that the fakes hold is forgotten. */
  forget(): void;
}

/** Of groups whose events all arrive in order. */
const EMPTY_LOG: EventLog = { read: async () => [], places: async () => [], end: async () => undefined };

/** A consumer over fakes without latency, which writes its logs and metrics nowhere. */
export function createBenchConsumer(
  ordering: Ordering,
  onHappened: EventHandler<typeof Happened>,
  log: EventLog = EMPTY_LOG,
): BenchConsumer {
  const subscription = benchSubscription('bench', ordering);
  const consumer = subscription.name;
  let tables: InMemoryTables;
  let store: ReturnType<typeof createInMemoryOutboxStore>;
  const forget = () => {
    tables = createInMemoryTables(TABLES);
    store = createInMemoryOutboxStore({ tables });
  };
  forget();
  // the fakes are made anew under a consumer that stays
  const current: InMemoryTables = {
    get: (tableName, key) => tables.get(tableName, key),
    items: (tableName) => tables.items(tableName),
    firstRefused: (writes) => tables.firstRefused(writes),
    apply: (writes) => tables.apply(writes),
  };
  const ids = { ...createEventIds(systemClock, randomBytes), newToken: randomUUID };
  const outbox = createOutbox({
    store: { readHeads: (groups) => store.readHeads(groups), commit: (commit) => store.commit(commit) },
    clock: systemClock,
    ids,
    sleep: async () => undefined,
    random: () => 0.5,
    retentionSeconds: 86_400,
  });
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: consumer });
  metrics.publishStoredMetrics = () => {
    metrics.clearMetrics();
    return metrics;
  };
  const handler = createConsumer(handlersFor(subscription, { 'com.example.bench.happened': onHappened }), {
    inbox: createInMemoryInbox({ clock: systemClock, tables: current, tableName: 'inbox', consumer }),
    outbox,
    logger: new Logger({ serviceName: consumer, logLevel: 'SILENT' }),
    metrics,
    clock: systemClock,
    queue: createTestQueue(),
    notes: createInMemoryFailureNotes(systemClock),
    maxReceiveCount: 5,
    visibilityTimeoutSeconds: 60,
    queueRetentionSeconds: 345_600,
    random: () => 0.5,
    strict: {
      cursors: createInMemoryCursorStore({ tables: current, tableName: 'cursors', consumer }),
      log,
      sleep: async () => undefined,
      memory: createInMemoryInboxMemory({ tables: current, tableName: 'inbox', consumer }),
      startInstant: async () => 0 as EpochMs,
    },
  });
  const invoke = (event: SQSEvent) => handler(event, lambdaContext());
  return {
    forget,
    invoke,
    async handle(event) {
      const { batchItemFailures } = await invoke(event);
      if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} messages were given back`);
    },
  };
}

/** A message with the event of `sequence` in `group`, as its consumer's queue gives it. */
export function messageOf(group: number, sequence: number): SQSRecord {
  const account = `account#${group}`;
  const id = `${group}-${sequence}`;
  const body = JSON.stringify({
    specversion: '1.0',
    id,
    source: Happened.source,
    type: Happened.type,
    time: '2026-11-20T06:00:00.000Z',
    datacontenttype: 'application/json',
    partitionkey: account,
    sequence: String(sequence).padStart(16, '0'),
    correlationid: 'correlation-1',
    hops: 0,
    dataschema: 'urn:waybill:schema:com.example.bench.happened:1',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    data: { accountId: String(group), filler: 'x'.repeat(400) },
  });
  return {
    messageId: `message-${id}`,
    receiptHandle: `receipt-${id}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: '0',
      MessageGroupId: account,
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:bench.fifo',
    awsRegion: 'eu-west-1',
  };
}
