import { createConsumer, createContiguousLog, createDynamoDbEventLog } from '../consumer/index.ts';
import { ENV } from '../definitions/index.ts';
import {
  createProjectionHandlers,
  createProjectionState,
  createProjector,
  type Projection,
  type ProjectionState,
  type Projector,
  parseStoredItem,
} from '../projection/index.ts';
import { systemSleep } from '../shared/backoff.ts';
import { requireEnvFrom } from '../shared/require-env.ts';
import { systemClock } from '../shared/time.ts';
import { createDynamoDbTableStore } from '../tenancy/index.ts';
import { createConsumerRuntime } from './consumer-runtime.ts';
import type { ProducerRuntime } from './producer-runtime.ts';
import { type TenantsOptions, tenantsOf } from './tenants.ts';

/** A position is kept longer than the log, the queues and the DLQs keep an event of its group. */
const POSITIONS_PER_RETENTION = 2;

/**
 * Creates the Lambda handler of a projection's consumer. Call it once per container, in `index.ts`.
 *
 * @example export const handler = createProjectionConsumer(orderOverview);
 *
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE`: the ReadModel construct sets the variables
 */
export function createProjectionConsumer<Item>(
  projection: Projection<Item>,
  environment: NodeJS.ProcessEnv = process.env,
  options: TenantsOptions = {},
): ReturnType<typeof createConsumer> {
  const runtime = createConsumerRuntime(projection.subscription, environment);
  return createConsumer(
    createProjectionHandlers({ projection, ...createProjectionParts(projection, runtime, environment) }),
    { ...runtime, ...tenantsOf(options, runtime) },
  );
}

/** Creates the projector that the consumer and the rebuild share. */
export function createProjectionParts<Item>(
  projection: Projection<Item>,
  { client, outbox, table }: Pick<ProducerRuntime, 'client' | 'outbox' | 'table'>,
  environment: NodeJS.ProcessEnv,
): { readonly state: ProjectionState; readonly projector: Projector } {
  const env = requireEnvFrom(
    'the ReadModel construct sets them: deploy this code as the entry of one',

    environment,
    ENV.viewTableName,
    ENV.projectionStateTableName,
    ENV.outboxTableName,
    ENV.outboxRetentionSeconds,
  );
  const state = createProjectionState({
    store: createDynamoDbTableStore(client),
    tableName: env[ENV.projectionStateTableName],
    clock: systemClock,
    positionSeconds: POSITIONS_PER_RETENTION * Number(env[ENV.outboxRetentionSeconds]),
  });
  const projector = createProjector({
    projection,
    table: table(projection.view, env[ENV.viewTableName], parseStoredItem),
    state,
    log: createContiguousLog({
      log: createDynamoDbEventLog({ client, outboxTableName: env[ENV.outboxTableName] }),
      clock: systemClock,
      sleep: systemSleep,
    }),
    outbox,
  });
  return { state, projector };
}
