import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { createConsumer } from '../consumer/index.ts';
import { ENV, SAGAS_TABLE, type SagaVersions, sagaSubscription } from '../definitions/index.ts';
import { createSagaHandlers, createSchedulerTimers, parseSagaItem } from '../saga/index.ts';
import { requireEnvFrom } from '../shared/require-env.ts';
import { createConsumerRuntime } from './consumer-runtime.ts';
import { type TenantsOptions, tenantsOf } from './tenants.ts';

/**
 * Creates the Lambda handler of a process manager. Call it once per container, in `index.ts`.
 *
 * @example export const handler = createSagaConsumer(fulfilment);
 *
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE`: the ProcessManager construct sets the variables
 */
export function createSagaConsumer(
  saga: SagaVersions,
  environment: NodeJS.ProcessEnv = process.env,
  options: TenantsOptions = {},
) {
  const env = requireEnvFrom(
    'the ProcessManager construct sets them: deploy this code as the entry of one',

    environment,
    ENV.sagasTableName,
    ENV.sagaScheduleGroupName,
    ENV.sagaTimersQueueArn,
    ENV.sagaTimersDeadLetterQueueArn,
    ENV.sagaTimersRoleArn,
  );
  const runtime = createConsumerRuntime(sagaSubscription(saga), environment);
  const timers = createSchedulerTimers({
    client: new SchedulerClient({}),
    scheduleGroupName: env[ENV.sagaScheduleGroupName],
    queueArn: env[ENV.sagaTimersQueueArn],
    deadLetterQueueArn: env[ENV.sagaTimersDeadLetterQueueArn],
    roleArn: env[ENV.sagaTimersRoleArn],
  });
  const table = runtime.table(SAGAS_TABLE, env[ENV.sagasTableName], parseSagaItem);
  const { metrics, clock } = runtime;
  return createConsumer(createSagaHandlers(saga, { table, timers, metrics, clock }), {
    ...runtime,
    ...tenantsOf(options, runtime),
  });
}
