import { randomUUID } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import { SQSClient } from '@aws-sdk/client-sqs';
import {
  type ConsumerOptions,
  ConsumerWiringError,
  createConsumerHistoryRecorder,
  createDynamoDbFailureNotes,
  createPowertoolsInbox,
  createSqsConsumerQueue,
  cursorExpirySeconds,
  subscriptionDifferences,
} from '../consumer/index.ts';
import { consumerTuningOf, ENV, readEventTypes, type Subscription } from '../definitions/index.ts';
import { requireEnvFrom } from '../shared/require-env.ts';
import { systemClock } from '../shared/time.ts';
import type { AdapterRuntime } from './external-client.ts';
import { createProducerRuntime, type ProducerRuntime } from './producer-runtime.ts';
import { createStrictOrdering } from './strict-ordering.ts';
import { createTuning } from './tuned-settings.ts';

/** With the SDK's backoff, six attempts outlast about eight seconds of throttling; the default of three about one. */
const QUEUE_MAX_ATTEMPTS = 6;

/** @see https://nodejs.org/api/errors.html#errorstacktracelimit */
const STACK_FRAMES = 50;

export type ConsumerRuntime<S extends Subscription = Subscription> = ConsumerOptions<S> &
  ProducerRuntime &
  Pick<Required<AdapterRuntime>, 'rateRecords'>;

/**
 * Creates the clients and adapters of a consumer. Call it once per container, in `index.ts`.
 *
 * @example
 * const runtime = createConsumerRuntime(billing, process.env);
 * export const handler = createConsumer(createBillingHandlers({ tableName: 'bills' }), runtime);
 *
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE`: the EventConsumer construct sets the variables
 * @throws ConsumerWiringError `CONSUMER_WIRING` if the construct has another subscription. If only ordering or event
 * types differ, it throws when the bundle is loaded at synth, and logs a warning in Lambda, because a deployment
 * changes code and variables one after the other.
 */
export function createConsumerRuntime<S extends Subscription>(
  subscription: S,
  environment: NodeJS.ProcessEnv = process.env,
): ConsumerRuntime<S> {
  const env = requireEnvFrom(
    'the EventConsumer construct sets them: deploy this code as the entry of one',

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
  // calls within an SDK can fill V8's default of ten frames, so that the stack would not show the user's own code
  Error.stackTraceLimit = Math.max(Error.stackTraceLimit, STACK_FRAMES);
  assertConsumerName(consumer, environment);
  const producer = createProducerRuntime(environment, { serviceName: consumer });
  compareWithConstruct(subscription, environment, producer.logger);
  const { client } = producer;
  const queue = createSqsConsumerQueue({
    // resending an event must succeed: after the last receive there is no other attempt
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
    subscription,
    rateRecords: records,
    inbox: createPowertoolsInbox({ ...records, claim: environment[ENV.claim] === 'commit' ? 'commit' : 'before' }),
    notes: createDynamoDbFailureNotes(records),
    queue,
    strict:
      subscription.ordering === 'strict' ? createStrictOrdering(subscription, environment, client, history) : undefined,
    recordSettings: history,
    tuning: createTuning(environment, producer, (tuning) => consumerTuningOf(tuning, consumer)),
    maxReceiveCount: Number(env[ENV.maxReceiveCount]),
    visibilityTimeoutSeconds: Number(env[ENV.visibilityTimeoutSeconds]),
    queueRetentionSeconds: Number(env[ENV.queueRetentionSeconds]),
    random: Math.random,
    clock: systemClock,
  };
}

/** With another consumer's name, it would read and write the cursors, inbox records and notes of that consumer. */
function assertConsumerName(name: string, environment: NodeJS.ProcessEnv): void {
  const { [ENV.serviceName]: constructName } = environment;
  if (constructName === undefined || constructName === name) return;
  throw new ConsumerWiringError(
    `the construct declares consumer '${constructName}', but its code serves subscription '${name}': give the construct the entry of '${constructName}', or both the same subscription`,
  );
}

function compareWithConstruct(subscription: Subscription, environment: NodeJS.ProcessEnv, logger: Logger): void {
  const { [ENV.ordering]: ordering, [ENV.eventTypes]: types } = environment;
  if ((ordering !== 'strict' && ordering !== 'fifo') || types === undefined) return;
  const differences = subscriptionDifferences(
    { ...subscription, by: 'the code' },
    { ordering, events: readEventTypes(environment), by: 'the construct' },
  );
  if (differences.length === 0) return;
  const message = `consumer '${subscription.name}' has different subscriptions in its construct and in its code: ${differences.join('; ')}; give both the same one`;
  if (environment[ENV.loadedAtSynth] === 'true') throw new ConsumerWiringError(message);
  logger.warn(message);
}
