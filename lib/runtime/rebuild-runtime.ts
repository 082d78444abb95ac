import type { Context } from 'aws-lambda';
import { ENV } from '../definitions/index.ts';
import {
  createDynamoDbGroupScanner,
  createDynamoDbViewSweeper,
  createRebuild,
  type Projection,
  type RebuildStatus,
} from '../projection/index.ts';
import { systemSleep } from '../shared/backoff.ts';
import { requireEnvFrom } from '../shared/require-env.ts';
import { systemClock } from '../shared/time.ts';
import { createProducerRuntime } from './producer-runtime.ts';
import { createProjectionParts } from './projection-runtime.ts';
import { createRebuildHandler } from './rebuild-handler.ts';

/**
 * Creates the Lambda handler that rebuilds a projection's view step by step. Call it once per container, in
 * `rebuild/index.ts`.
 *
 * @example export const handler = createRebuilder(orderOverview);
 *
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE`: the ReadModel construct sets the variables
 */
export function createRebuilder<Item>(
  projection: Projection<Item>,
  environment: NodeJS.ProcessEnv = process.env,
): (command: unknown, context: Context) => Promise<RebuildStatus> {
  const env = requireEnvFrom(
    'the ReadModel construct sets them: deploy this code as its rebuild',
    environment,
    ENV.outboxTableName,
    ENV.outboxRetentionSeconds,
    ENV.viewTableName,
  );
  const runtime = createProducerRuntime(environment);
  const { client, outbox, tenancy, logger } = runtime;
  const rebuild = createRebuild({
    projection,
    ...createProjectionParts(projection, runtime, environment),
    outbox,
    scanner: createDynamoDbGroupScanner({ client, outboxTableName: env[ENV.outboxTableName] }),
    sweeper: createDynamoDbViewSweeper({
      client,
      tableName: env[ENV.viewTableName],
      view: projection.view,
      sleep: systemSleep,
      random: Math.random,
    }),
    asTenant: (tenantId, work) => tenancy.runAsTenant(tenantId, work),
    clock: systemClock,
    retentionSeconds: Number(env[ENV.outboxRetentionSeconds]),
  });
  return createRebuildHandler({
    rebuild,
    logger,
    signalAfter: (delayMs) => AbortSignal.timeout(delayMs),
  });
}
