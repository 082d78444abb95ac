import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { ConsumerOptions } from '../../lib/consumer/index.ts';
import { ENV, METRIC_NAMESPACE, type Subscription } from '../../lib/contracts/index.ts';
import { createPowertoolsInbox } from '../../lib/inbox/index.ts';
import { requireEnv } from '../../lib/shared/require-env.ts';
import { systemClock } from '../../lib/shared/time.ts';
import { createProducerRuntime, type ProducerRuntime } from './producer-runtime.ts';

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
  { name }: Subscription,
  environment: NodeJS.ProcessEnv,
): ConsumerOptions & ProducerRuntime {
  const env = requireEnv(environment, ENV.inboxTableName, ENV.inboxExpirySeconds);
  const { client, outbox } = createProducerRuntime(environment);
  return {
    client,
    outbox,
    inbox: createPowertoolsInbox({
      client,
      tableName: env[ENV.inboxTableName],
      consumer: name,
      expirySeconds: Number(env[ENV.inboxExpirySeconds]),
    }),
    logger: new Logger({ serviceName: name }),
    metrics: new Metrics({ namespace: METRIC_NAMESPACE, serviceName: name }),
    clock: systemClock,
  };
}
