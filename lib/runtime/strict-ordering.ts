import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  type ConsumerHistory,
  createDynamoDbCursorStore,
  createDynamoDbEventLog,
  createDynamoDbInboxMemory,
  type StrictOrdering,
} from '../consumer/index.ts';
import { ENV, type StartFrom, type Subscription } from '../definitions/index.ts';
import { systemSleep } from '../shared/backoff.ts';
import { requireEnvFrom } from '../shared/require-env.ts';
import { type EpochMs, systemClock } from '../shared/time.ts';

/** A cursor is kept longer than the log keeps an event of its group. */
const EXPIRY_PER_RETENTION = 2;

/** @param outboxRetentionSeconds how long the log keeps an event */
export const cursorExpirySeconds = (outboxRetentionSeconds: number): number =>
  EXPIRY_PER_RETENTION * outboxRetentionSeconds;

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
    startInstant: () => startInstant(startFrom, history),
    history,
  };
}

async function startInstant(startFrom: StartFrom, history: () => Promise<ConsumerHistory>): Promise<EpochMs> {
  if (startFrom === 'horizon') return 0 as EpochMs;
  return startFrom === 'deployment' ? (await history()).startedAt : (Date.parse(startFrom) as EpochMs);
}
