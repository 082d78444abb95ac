import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SQSClient } from '@aws-sdk/client-sqs';
import {
  type ConsumerQueue,
  type CursorStore,
  createDynamoDbCursorStore,
  createDynamoDbFailureIndex,
  createDynamoDbFailureNotes,
  createDynamoDbHandledEvents,
  createDynamoDbInboxRecords,
  createDynamoDbNotedFailures,
  createDynamoDbPausedGroups,
  createDynamoDbWaitingGroups,
  createSqsConsumerQueue,
  cursorExpirySeconds,
  type FailureIndex,
  type FailureNotes,
  type HandledEvents,
  type InboxRecords,
  type NotedFailures,
  type PausedGroups,
  type WaitingGroups,
} from '../lib/consumer/index.ts';
import { ENV, type Takes } from '../lib/definitions/index.ts';
import {
  assertReplayable,
  type ConsumerPauseStore,
  type ConsumerPolling,
  createDynamoDbConsumerPauseStore,
  createDynamoDbPauseLedger,
  createDynamoDbSkipLedger,
  createLambdaPolling,
  createSqsQueueDepths,
  createSqsUndeliverableQueue,
  type DeployedConsumer,
  type Deployment,
  type PauseLedger,
  type QueueDepths,
  type ReconciledConsumer,
  reconciledConsumer,
  type SkipLedger,
  type UndeliverableQueue,
  undeliverableQueueUrlOf,
} from '../lib/operations/index.ts';
import { systemSleep } from '../lib/shared/backoff.ts';
import type { Clock } from '../lib/shared/time.ts';

/** The adapters that only a consumer with `ordering: 'strict'` has. */
export interface StrictConsumer {
  readonly cursors: CursorStore;
  readonly waiting: WaitingGroups;
  readonly skips: SkipLedger;
  readonly paused: PausedGroups;
  readonly pauses: PauseLedger;
}

/** A deployed consumer, with the adapters of the operator's commands. */
export interface OperatedConsumer {
  readonly name: string;
  readonly takes: Takes;
  readonly queue: ConsumerQueue;
  readonly inbox: InboxRecords;
  readonly notes: FailureNotes;
  readonly failures: FailureIndex;
  readonly noted: NotedFailures;
  readonly handled: HandledEvents;
  readonly reconciled: ReconciledConsumer;
  /** @throws ReplayUnsuitableError `REPLAY_UNSUITABLE` */
  assertReplayable(iKnow: boolean): void;
  readonly depths: QueueDepths;
  readonly pause: { readonly store: ConsumerPauseStore; readonly polling: ConsumerPolling };
  /**
   * @param queueUrl a former undeliverable queue of the consumer; undefined for the current one
   * @throws DeploymentUnclearError `DEPLOYMENT_UNCLEAR` if its function does not have the URL; QueueMistakenError
   * `QUEUE_MISTAKEN` if the queue has another purpose
   */
  readonly undeliverable: (queueUrl: string | undefined) => UndeliverableQueue;
  /** The consumer's DLQ. */
  readonly deadLetters: UndeliverableQueue;
  readonly strict: StrictConsumer | undefined;
}

export interface OperatorClients {
  readonly lambda: LambdaClient;
  readonly dynamoDb: DynamoDBClient;
  readonly sqs: SQSClient;
}

export function operateConsumer(
  deployed: DeployedConsumer,
  deployment: Deployment,
  { dynamoDb, sqs, lambda }: OperatorClients,
  clock: Clock,
): OperatedConsumer {
  const { name, queueUrl, deadLetterQueueUrl } = deployed;
  const queue = createSqsConsumerQueue({ client: sqs, queueUrl, newDeduplicationId: randomUUID });
  const records = {
    client: dynamoDb,
    tableName: deployed.inboxTableName,
    consumer: name,
    expirySeconds: deployed.inboxExpirySeconds,
  };
  return {
    name,
    takes: deployed.takes,
    queue,
    inbox: createDynamoDbInboxRecords(records),
    notes: createDynamoDbFailureNotes({ ...records, clock }),
    failures: createDynamoDbFailureIndex(records),
    noted: createDynamoDbNotedFailures({ ...records, sleep: systemSleep, random: Math.random }),
    handled: createDynamoDbHandledEvents({ ...records, sleep: systemSleep, random: Math.random }),
    assertReplayable: (iKnow) => assertReplayable(deployed, iKnow),
    reconciled: reconciledConsumer(deployed, { dynamoDb, sqs, clock, sleep: systemSleep, random: Math.random }),
    pause: {
      store: createDynamoDbConsumerPauseStore(records),
      polling: createLambdaPolling({ client: lambda, functionName: deployed.functionName, queueUrl }),
    },
    depths: createSqsQueueDepths({
      client: sqs,
      queueUrl,
      deadLetterQueueUrl,
      undeliverableQueueUrl: () => undeliverableQueueUrlOf(deployed, deployment, undefined),
    }),
    deadLetters: createSqsUndeliverableQueue({ client: sqs, queueUrl: deadLetterQueueUrl }),
    undeliverable: (from) =>
      createSqsUndeliverableQueue({ client: sqs, queueUrl: undeliverableQueueUrlOf(deployed, deployment, from) }),
    strict: deployed.ordering === 'strict' ? strictPartOf(deployed, dynamoDb, clock) : undefined,
  };
}

function strictPartOf(deployed: DeployedConsumer, client: DynamoDBClient, clock: Clock): StrictConsumer {
  const { name: consumer, variables, inboxTableName } = deployed;
  const tableName = variables[ENV.cursorsTableName] ?? '';
  return {
    cursors: createDynamoDbCursorStore({
      client,
      tableName,
      consumer,
      expirySeconds: cursorExpirySeconds(Number(variables[ENV.outboxRetentionSeconds])),
      clock,
      sleep: systemSleep,
      random: Math.random,
    }),
    waiting: createDynamoDbWaitingGroups({ client, tableName, consumer }),
    skips: createDynamoDbSkipLedger({ client, tableName: inboxTableName, consumer }),
    paused: createDynamoDbPausedGroups({ client, tableName, consumer }),
    pauses: createDynamoDbPauseLedger({ client, tableName: inboxTableName, consumer }),
  };
}
