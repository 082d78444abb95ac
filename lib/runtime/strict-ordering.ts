import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  type ConsumerHistory,
  createDynamoDbCursorStore,
  createDynamoDbEventLog,
  createDynamoDbInboxMemory,
  cursorExpirySeconds,
  type StrictOrdering,
  startInstantOf,
} from '../consumer/index.ts';
import { ENV, type Subscription } from '../definitions/index.ts';
import { systemSleep } from '../shared/backoff.ts';
import { requireEnvFrom } from '../shared/require-env.ts';
import { type EpochMs, systemClock } from '../shared/time.ts';

/** Creates the adapters that only consumers with `ordering: 'strict'` need. */
export function createStrictOrdering(
  { name: consumer, startFrom }: Pick<Subscription, 'name' | 'startFrom'>,
  environment: NodeJS.ProcessEnv,
  client: DynamoDBClient,
  history: () => Promise<ConsumerHistory>,
): StrictOrdering {
  const env = requireEnvFrom(
    'the construct of a strict consumer sets them: deploy this code as the entry of one',

    environment,
    ENV.cursorsTableName,
    ENV.outboxTableName,
    ENV.outboxRetentionSeconds,
    ENV.inboxTableName,
    ENV.inboxExpirySeconds,
  );
  return {
    cursors: createDynamoDbCursorStore({
      client,
      tableName: env[ENV.cursorsTableName],
      consumer,
      expirySeconds: cursorExpirySeconds(Number(env[ENV.outboxRetentionSeconds])),
      clock: systemClock,
      sleep: systemSleep,
      random: Math.random,
    }),
    log: createDynamoDbEventLog({ client, outboxTableName: env[ENV.outboxTableName] }),
    sleep: systemSleep,
    memory: createDynamoDbInboxMemory({
      client,
      tableName: env[ENV.inboxTableName],
      consumer,
      expirySeconds: Number(env[ENV.inboxExpirySeconds]),
      clock: systemClock,
    }),
    startInstant: async () =>
      // only a deployment's time needs a read
      startInstantOf(startFrom, startFrom === 'deployment' ? await history() : { startedAt: 0 as EpochMs }),
    history,
  };
}
