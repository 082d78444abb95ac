import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import {
  type ConsumerOptions,
  createDynamoDbCursorStore,
  createDynamoDbEventLog,
  createDynamoDbInboxMemory,
  createPowertoolsInbox,
  createSqsConsumerQueue,
  type FailureNotes,
  type StrictOrdering,
} from '../../lib/consumer/index.ts';
import type { Claim, Subscription } from '../../lib/definitions/index.ts';
import type { Outbox } from '../../lib/outbox/index.ts';
import type { Sleep } from '../../lib/shared/backoff.ts';
import type { Clock, EpochMs } from '../../lib/shared/time.ts';
import type { Planted } from './planted.ts';
import { silentLogger, silentMetrics } from './ports/telemetry.ts';

/** What one process of a consumer has at hand. */
export interface Process {
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly signalAfter: (delayMs: number) => AbortSignal;
  /** Never the same twice, in any process. */
  readonly newDeduplicationId: () => string;
  readonly outbox: Outbox;
  readonly notes: FailureNotes;
}

export interface ConsumerSettings {
  readonly subscription: Subscription;
  readonly maxReceiveCount: number;
  readonly visibilityTimeoutSeconds: number;
  readonly claim: Claim;
}

export const TABLES = { outbox: 'outbox', pending: 'pending', cursors: 'cursors', inbox: 'inbox' } as const;

/** Longer than anything that is searched takes. */
export const RETENTION_SECONDS = 14 * 24 * 3600;
const INBOX_EXPIRY_SECONDS = 30 * 24 * 3600;
const QUEUE_RETENTION_SECONDS = 4 * 24 * 3600;

/** Puts a consumer together as functions/composition does: everything but the services is the real thing. */
export function consumerOptionsIn(
  process: Process,
  { subscription, maxReceiveCount, visibilityTimeoutSeconds, claim }: ConsumerSettings,
  planted: Planted,
): ConsumerOptions {
  const { dynamodb: client, sqs, clock, sleep, random, newDeduplicationId } = process;
  const consumer = subscription.name;
  const records = { client, tableName: TABLES.inbox, consumer, expirySeconds: INBOX_EXPIRY_SECONDS, clock };
  const queue = createSqsConsumerQueue({ client: sqs, queueUrl: 'queue', newDeduplicationId });
  const strict: StrictOrdering = {
    cursors: createDynamoDbCursorStore({
      client,
      tableName: TABLES.cursors,
      consumer,
      expirySeconds: 2 * RETENTION_SECONDS,
      clock,
      sleep,
      random,
    }),
    log: createDynamoDbEventLog({ client, outboxTableName: TABLES.outbox }),
    sleep,
    memory: createDynamoDbInboxMemory(records),
    startInstant: subscription.startFrom === 'horizon' ? async () => 0 as EpochMs : queue.createdAt,
  };
  const options: ConsumerOptions = {
    inbox: createPowertoolsInbox({ ...records, claim }),
    outbox: process.outbox,
    logger: silentLogger,
    metrics: silentMetrics,
    clock,
    queue,
    notes: process.notes,
    strict: subscription.ordering === 'strict' ? (planted.ordering?.(strict, process) ?? strict) : undefined,
    maxReceiveCount,
    visibilityTimeoutSeconds,
    queueRetentionSeconds: QUEUE_RETENTION_SECONDS,
    random,
    timeoutSignal: process.signalAfter,
  };
  return planted.consumer?.(options, process) ?? options;
}
