import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ENV } from '../../lib/definitions/index.ts';
import { createDynamoDbPendingMarkers, createEventBridgePublisher, createRelay } from '../../lib/outbox/index.ts';
import { createTuning } from '../../lib/runtime/tuned-settings.ts';
import { systemSleep } from '../../lib/shared/backoff.ts';
import { EventLogger } from '../../lib/shared/event-logger.ts';
import { requireEnv } from '../../lib/shared/require-env.ts';
import { systemClock } from '../../lib/shared/time.ts';
import { createRelayHandler } from './handler.ts';

const env = requireEnv(process.env, ENV.busName, ENV.pendingTableName);

const clientConfig = {
  // the SDK must not retry: the relay does, in the order of groups and within the remaining time, and counts its
  // retries
  maxAttempts: 1,
  // short enough that a hanging request leaves time for another one
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};

const logger = new EventLogger();
const metrics = new Metrics();

const relay = createRelay({
  publisher: createEventBridgePublisher({ client: new EventBridgeClient(clientConfig), busName: env[ENV.busName] }),
  markers: createDynamoDbPendingMarkers({
    client: new DynamoDBClient(clientConfig),
    tableName: env[ENV.pendingTableName],
  }),
  clock: systemClock,
  sleep: systemSleep,
  random: Math.random,
  signalAfter: (ms) => AbortSignal.timeout(ms),
  logger,
  metrics,
});

export const handler = createRelayHandler({
  relay,
  tuning: createTuning(process.env, { logger, metrics }, (tuning) => tuning),
  logger,
  metrics,
});
