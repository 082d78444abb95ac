import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import {
  accountableSince,
  type ConsumerHistory,
  continueHistory,
  createDynamoDbCursorReader,
  createDynamoDbEventOutcomes,
  createSqsConsumerQueue,
  cursorExpirySeconds,
  readConsumerHistory,
} from '../consumer/index.ts';
import { ENV } from '../definitions/index.ts';
import type { Sleep } from '../shared/backoff.ts';
import type { Clock } from '../shared/time.ts';
import type { DeployedConsumer } from './deployment.ts';
import type { QueueDepths } from './ports.ts';
import type { ConsumerReads, ReconciledConsumer } from './reconcile.ts';
import { createSqsQueueDepths } from './sqs-queue-depths.ts';

export interface ReconciledConsumerDeps {
  readonly dynamoDb: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Returns a number from 0 up to but not including 1. */
  readonly random: () => number;
}

/** Reads a deployed consumer's tables and queues, as its function's variables name them. */
export function reconciledConsumer(deployed: DeployedConsumer, deps: ReconciledConsumerDeps): ReconciledConsumer {
  const { name, takes, ordering, variables } = deployed;
  const isStrict = ordering === 'strict';
  const readsWith = (consistent: boolean): ConsumerReads => {
    const { dynamoDb: client, sleep, random } = deps;
    const common = { client, consumer: name, sleep, random, consistent };
    const { inboxTableName, inboxExpirySeconds: expirySeconds } = deployed;
    return {
      cursors: isStrict
        ? createDynamoDbCursorReader({ ...common, tableName: variables[ENV.cursorsTableName] ?? '' })
        : undefined,
      outcomes: createDynamoDbEventOutcomes({ ...common, tableName: inboxTableName, expirySeconds }),
    };
  };
  return {
    name,
    takes,
    glance: readsWith(false),
    certain: readsWith(true),
    depths: depthsOf(deployed, deps.sqs),
    queueRetentionMs: Number(variables[ENV.queueRetentionSeconds] ?? LONGEST_RETENTION_SECONDS) * 1_000,
    accountableSince: async () =>
      accountableSince(
        await historyOf(deployed, deps),
        isStrict ? (variables[ENV.startFrom] ?? '') : undefined,
        deps.clock.now(),
      ),
  };
}

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const LONGEST_RETENTION_SECONDS = 14 * 86_400;

/** A consumer that an older version deployed does not name its undeliverable queue: nothing is known to be in it. */
function depthsOf({ queueUrl, deadLetterQueueUrl, variables }: DeployedConsumer, client: SQSClient): QueueDepths {
  const undeliverableQueueUrl = variables[ENV.undeliverableQueueUrl];
  const depths = createSqsQueueDepths({
    client,
    queueUrl,
    deadLetterQueueUrl,
    undeliverableQueueUrl: () => undeliverableQueueUrl ?? '',
  });
  return undeliverableQueueUrl === undefined
    ? { ...depths, undeliverable: async () => ({ visible: 0, inFlight: 0 }) }
    : depths;
}

/** The history that its function recorded; before its first run, a history with the deployed settings. */
export async function historyOf(
  { name: consumer, ordering, inboxTableName: tableName, inboxExpirySeconds, queueUrl, variables }: DeployedConsumer,
  { dynamoDb: client, sqs, clock }: ReconciledConsumerDeps,
): Promise<ConsumerHistory> {
  const known = await readConsumerHistory({ client, tableName, consumer });
  if (known !== undefined) return known;
  const retentionSeconds = Number(variables[ENV.outboxRetentionSeconds]);
  const settings = { ordering, inboxExpirySeconds, cursorExpirySeconds: cursorExpirySeconds(retentionSeconds) };
  const createdAt = await createSqsConsumerQueue({
    client: sqs,
    queueUrl,
    newDeduplicationId: randomUUID,
  }).createdAt();
  return continueHistory(undefined, settings, { createdAt, now: clock.now() });
}
