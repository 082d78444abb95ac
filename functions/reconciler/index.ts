import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { ENV, LONGEST_DEPLOYMENT_MS } from '../../lib/definitions/index.ts';
import {
  consumersOf,
  createRateLimiter,
  DEFAULT_RECONCILE,
  listDeployedFunctions,
  reconcileDeployment,
} from '../../lib/operations/index.ts';
import { createTuning } from '../../lib/runtime/tuned-settings.ts';
import { systemSleep } from '../../lib/shared/backoff.ts';
import { EventLogger } from '../../lib/shared/event-logger.ts';
import { requireEnv } from '../../lib/shared/require-env.ts';
import { systemClock } from '../../lib/shared/time.ts';
import { createReconcilerHandler } from './handler.ts';

const env = requireEnv(
  process.env,
  ENV.outboxTableName,
  ENV.pendingTableName,
  ENV.reconcileTableName,
  ENV.reconcileWithinSeconds,
  ENV.environmentName,
);

const requestHandler = { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true };
const lambda = new LambdaClient({ requestHandler });
const logger = new EventLogger();
const metrics = new Metrics();
const clock = systemClock;
const sleep = systemSleep;

export const handler = createReconcilerHandler({
  run: reconcileDeployment({
    dynamoDb: new DynamoDBClient({ requestHandler }),
    sqs: new SQSClient({ requestHandler }),
    clock,
    sleep,
    random: Math.random,
    tables: {
      outboxTableName: env[ENV.outboxTableName],
      pendingTableName: env[ENV.pendingTableName],
      inboxTableName: env[ENV.reconcileTableName],
    },
    deployed: async () => consumersOf(await listDeployedFunctions(lambda), env[ENV.environmentName]),
    readLimiter: createRateLimiter({ unitsPerSecond: DEFAULT_RECONCILE.readUnitsPerSecond, clock, sleep }),
    deploymentMs: LONGEST_DEPLOYMENT_MS,
  }),
  options: {
    graceMs: DEFAULT_RECONCILE.graceMs,
    confirmAfterMs: DEFAULT_RECONCILE.confirmAfterMs,
    passMs: Number(env[ENV.reconcileWithinSeconds]) * 1_000,
  },
  tuning: createTuning(process.env, { logger, metrics }, (tuning) => tuning),
  logger,
  metrics,
});
