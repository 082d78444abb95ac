import { randomUUID } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import {
  type ConsumerOptions,
  createConsumerHistoryRecorder,
  createDynamoDbFailureNotes,
  createPowertoolsInbox,
  createSqsConsumerQueue,
} from '../consumer/index.ts';
import { ENV, type Subscription } from '../definitions/index.ts';
import { requireEnv } from '../shared/require-env.ts';
import { systemClock } from '../shared/time.ts';
import { createProducerRuntime, type ProducerRuntime } from './producer-runtime.ts';
import { createStrictOrdering, cursorExpirySeconds } from './strict-ordering.ts';

/** Some eight seconds of throttling on average, by the SDK's backoff; its own default of three is over in one. */
const QUEUE_MAX_ATTEMPTS = 6;

/**
 * What a consumer stands on; called once per container, in `index.ts`.
 *
 * @example
 * const runtime = createConsumerRuntime(billing, process.env);
 * export const handler = createConsumer(createBillingHandlers({ tableName: 'bills' }), runtime);
 *
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE`: the EventConsumer construct sets the variables
 */
export function createConsumerRuntime(
  subscription: Subscription,
  environment: NodeJS.ProcessEnv,
): ConsumerOptions & ProducerRuntime {
  const env = requireEnv(
    environment,
    ENV.inboxTableName,
    ENV.inboxExpirySeconds,
    ENV.queueUrl,
    ENV.maxReceiveCount,
    ENV.visibilityTimeoutSeconds,
    ENV.queueRetentionSeconds,
    ENV.outboxRetentionSeconds,
  );
  const consumer = subscription.name;
  const producer = createProducerRuntime(environment, { serviceName: consumer });
  const { client } = producer;
  const queue = createSqsConsumerQueue({
    // what gives an event new receives must get through: on a last receive there is no second chance
    client: new SQSClient({ maxAttempts: QUEUE_MAX_ATTEMPTS }),
    queueUrl: env[ENV.queueUrl],
    newDeduplicationId: randomUUID,
  });
  const records = {
    client,
    tableName: env[ENV.inboxTableName],
    consumer,
    expirySeconds: Number(env[ENV.inboxExpirySeconds]),
    clock: systemClock,
  };
  const history = createConsumerHistoryRecorder({
    ...records,
    settings: {
      ordering: subscription.ordering,
      inboxExpirySeconds: Number(env[ENV.inboxExpirySeconds]),
      cursorExpirySeconds: cursorExpirySeconds(Number(env[ENV.outboxRetentionSeconds])),
    },
    queueCreatedAt: queue.createdAt,
  });
  return {
    ...producer,
    inbox: createPowertoolsInbox(records),
    notes: createDynamoDbFailureNotes(records),
    queue,
    strict:
      subscription.ordering === 'strict' ? createStrictOrdering(subscription, environment, client, history) : undefined,
    noteSettings: history,
    maxReceiveCount: Number(env[ENV.maxReceiveCount]),
    visibilityTimeoutSeconds: Number(env[ENV.visibilityTimeoutSeconds]),
    queueRetentionSeconds: Number(env[ENV.queueRetentionSeconds]),
    random: Math.random,
    clock: systemClock,
  };
}
