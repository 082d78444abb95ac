import { randomBytes, randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ENV, type TableSchema } from '../definitions/index.ts';
import { createEventIds } from '../event/index.ts';
import { createDynamoDbOutboxStore, createOutbox, type Outbox } from '../outbox/index.ts';
import { systemSleep } from '../shared/backoff.ts';
import { requireEnvFrom } from '../shared/require-env.ts';
import { systemClock } from '../shared/time.ts';
import {
  createDynamoDbTableStore,
  createTenantTable,
  type ItemsOf,
  type OpenTable,
  parserOf,
} from '../tenancy/index.ts';
import { createTenancyRuntime, type TelemetryOptions, type TenancyRuntime } from './tenancy-runtime.ts';

export interface ProducerRuntime extends TenancyRuntime {
  /** The function's DynamoDB client, for operations that `table` does not offer. */
  readonly client: DynamoDBClient;
  readonly outbox: Outbox;
  /** Opens a table of the function for the current tenant. */
  readonly table: OpenTable;
}

/**
 * Creates the clients and adapters of a function that publishes events. Call it once per container, in `index.ts`.
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE`: the construct that grants publishing sets the variables
 */
export function createProducerRuntime(
  environment: NodeJS.ProcessEnv = process.env,
  telemetry?: TelemetryOptions,
): ProducerRuntime {
  const env = requireEnvFrom(
    'hub.grantPublish(function, events) sets them: call it for this function',
    environment,
    ENV.outboxTableName,
    ENV.pendingTableName,
    ENV.outboxRetentionSeconds,
  );
  const client = new DynamoDBClient({});
  const tenant = createTenancyRuntime(environment, telemetry);
  const { tenancy } = tenant;
  const store = createDynamoDbTableStore(client);
  const outbox = createOutbox({
    store: createDynamoDbOutboxStore({
      client,
      outboxTableName: env[ENV.outboxTableName],
      pendingTableName: env[ENV.pendingTableName],
      compressEvents: environment[ENV.compressEvents] === 'true',
      indexCorrelation: environment[ENV.eventIndexes] === 'all',
    }),
    clock: systemClock,
    ids: { ...createEventIds(systemClock, randomBytes), newToken: randomUUID },
    sleep: systemSleep,
    random: Math.random,
    retentionSeconds: Number(env[ENV.outboxRetentionSeconds]),
    tenancy,
  });
  return {
    client,
    outbox,
    ...tenant,
    table: (<Item>(schema: TableSchema, tableName: string, items: ItemsOf<Item>) =>
      createTenantTable({ store, outbox, tenancy, schema, tableName, parse: parserOf(tableName, items) })) as OpenTable,
  };
}
