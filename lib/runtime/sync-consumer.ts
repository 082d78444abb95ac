import { randomUUID } from 'node:crypto';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createConsumer } from '../consumer/index.ts';
import type { SyncDefinition } from '../definitions/index.ts';
import { requireEnvFrom } from '../shared/require-env.ts';
import { systemClock } from '../shared/time.ts';
import {
  createSync,
  parseSyncItem,
  SYNC_TABLE,
  SYNC_TABLE_NAME,
  type SyncOptions,
  syncSubscription,
} from '../sync/index.ts';
import { type ConsumerRuntime, createConsumerRuntime } from './consumer-runtime.ts';
import type { ProducerRuntime } from './producer-runtime.ts';
import { type TenantsOptions, tenantsOf } from './tenants.ts';

/** What a sync is put together from, beside its runtime. */
export type OwnSyncParts<Definition extends SyncDefinition> = Pick<
  SyncOptions<Definition>,
  'sources' | 'sink' | 'sliceMs'
>;

/**
 * Creates the Lambda handler of a sync. Clients and adapters are built once per container, from the variables that the
 * SyncEngine construct sets.
 *
 * @param parts makes the sources and the sink from the runtime: tables, clock, logger
 *
 * @example
 * export const handler = createSyncConsumer(productSync, ({ table }) => ({
 *   sources: { supplier: supplier('https://supplier.example.com') },
 *   sink: productSink(table(PRODUCTS_TABLE, 'products', productSchema)),
 * }));
 *
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE` if the function does not belong to a SyncEngine
 * @throws SyncWiringError `SYNC_WIRING` if the sources do not fit the definition
 * @throws ConsumerWiringError `CONSUMER_WIRING` if the construct has another sync
 */
export function createSyncConsumer<Definition extends SyncDefinition>(
  definition: Definition,
  parts: (runtime: ConsumerRuntime) => OwnSyncParts<Definition>,
  options: TenantsOptions = {},
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const runtime = createConsumerRuntime(syncSubscription(definition), process.env);
  const sync = createSync(definition, { ...syncOptions(runtime), ...parts(runtime) });
  return createConsumer(sync.handlers, { ...runtime, ...tenantsOf(options, runtime) });
}

/**
 * What `createSync` needs beside sources and sink, for a function that the SyncEngine's `grantUse` was called for.
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE` if it was not
 */
export function syncOptions(
  runtime: ProducerRuntime,
  environment: NodeJS.ProcessEnv = process.env,
): Omit<SyncOptions<SyncDefinition>, 'sources' | 'sink' | 'sliceMs'> {
  const env = requireEnvFrom(
    'the SyncEngine construct sets it: deploy this code as the entry of one, or call its grantUse for this function',
    environment,
    SYNC_TABLE_NAME,
  );
  const { outbox, logger, metrics } = runtime;
  return {
    ...{ outbox, logger, metrics, clock: systemClock },
    table: runtime.table(SYNC_TABLE, env[SYNC_TABLE_NAME], parseSyncItem),
    newToken: randomUUID,
  };
}
