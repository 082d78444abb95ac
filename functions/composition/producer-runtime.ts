import { randomBytes, randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ENV } from '../../lib/contracts/index.ts';
import { createEventIds } from '../../lib/event/index.ts';
import { createDynamoDbOutboxStore, createOutbox, type Outbox } from '../../lib/outbox/index.ts';
import { systemSleep } from '../../lib/shared/backoff.ts';
import { requireEnv } from '../../lib/shared/require-env.ts';
import { systemClock } from '../../lib/shared/time.ts';

export interface ProducerRuntime {
  /** The function's one DynamoDB client, for its own reads. */
  readonly client: DynamoDBClient;
  readonly outbox: Outbox;
}

/**
 * What a function that publishes stands on; called once per container, in `index.ts`.
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE`: the construct that grants publishing sets the variables
 */
export function createProducerRuntime(environment: NodeJS.ProcessEnv): ProducerRuntime {
  const env = requireEnv(environment, ENV.outboxTableName, ENV.pendingTableName, ENV.outboxRetentionSeconds);
  const client = new DynamoDBClient({});
  const outbox = createOutbox({
    store: createDynamoDbOutboxStore({
      client,
      outboxTableName: env[ENV.outboxTableName],
      pendingTableName: env[ENV.pendingTableName],
    }),
    clock: systemClock,
    ids: { ...createEventIds(systemClock, randomBytes), newToken: randomUUID },
    sleep: systemSleep,
    random: Math.random,
    retentionSeconds: Number(env[ENV.outboxRetentionSeconds]),
  });
  return { client, outbox };
}
