import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { createWaitingGauge } from '../../lib/consumer/index.ts';
import { DEFAULT_SWEEP_MAX_EVENTS, ENV } from '../../lib/definitions/index.ts';
import {
  createDynamoDbOutboxLog,
  createDynamoDbPendingMarkers,
  createDynamoDbPendingTable,
  createEventBridgePublisher,
  createRelay,
  createSweeper,
} from '../../lib/outbox/index.ts';
import { createTuning } from '../../lib/runtime/tuned-settings.ts';
import { systemSleep } from '../../lib/shared/backoff.ts';
import { EventLogger } from '../../lib/shared/event-logger.ts';
import { requireEnv } from '../../lib/shared/require-env.ts';
import { systemClock } from '../../lib/shared/time.ts';
import { createSweeperHandler } from './handler.ts';

const env = requireEnv(
  process.env,
  ENV.busName,
  ENV.pendingTableName,
  ENV.outboxTableName,
  ENV.sweepAfterSeconds,
  ENV.cursorsTableName,
);

// short enough that a hanging request leaves time for another one
const requestHandler = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true };
// the SDK must not retry: publishing and clearing do, in the order of groups and within the remaining time
const onceOnly = { maxAttempts: 1, requestHandler };

const reader = new DynamoDBClient({ requestHandler });
const pendingTableName = env[ENV.pendingTableName];
const logger = new EventLogger();
const metrics = new Metrics();
const common = {
  clock: systemClock,
  sleep: systemSleep,
  random: Math.random,
  signalAfter: (ms: number) => AbortSignal.timeout(ms),
  logger,
  metrics,
};

const sweeper = createSweeper({
  ...common,
  table: createDynamoDbPendingTable({ client: reader, tableName: pendingTableName }),
  log: createDynamoDbOutboxLog({ client: reader, tableName: env[ENV.outboxTableName] }),
  relay: createRelay({
    ...common,
    publisher: createEventBridgePublisher({ client: new EventBridgeClient(onceOnly), busName: env[ENV.busName] }),
    markers: createDynamoDbPendingMarkers({ client: new DynamoDBClient(onceOnly), tableName: pendingTableName }),
  }),
  sweepAfterMs: Number(env[ENV.sweepAfterSeconds]) * 1_000,
  maxEvents: DEFAULT_SWEEP_MAX_EVENTS,
});

const gauge = createWaitingGauge({
  client: reader,
  tableName: env[ENV.cursorsTableName],
  clock: systemClock,
  metricsOf: (serviceName) => new Metrics({ serviceName }),
  logger,
});

export const handler = createSweeperHandler({
  sweeper,
  tuning: createTuning(process.env, { logger, metrics }, (tuning) => tuning),
  gauge,
  logger,
  metrics,
});
