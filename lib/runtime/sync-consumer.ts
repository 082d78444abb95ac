import { randomUUID } from 'node:crypto';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createConsumer } from '../consumer/index.ts';
import type { SyncDefinition } from '../definitions/index.ts';
import { requireEnvFrom } from '../shared/require-env.ts';
import { systemClock } from '../shared/time.ts';
import {
  createSync,
  type EntityOf,
  type ProviderWriter,
  parseSyncItem,
  SYNC_TABLE,
  SYNC_TABLE_NAME,
  type SyncOptions,
  type SyncOutbound,
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

/** What an outbound consumer is put together from, beside its runtime. */
export interface OwnOutboundParts<Definition extends SyncDefinition>
  extends Pick<SyncOptions<Definition>, 'sources' | 'sink'> {
  readonly writer: ProviderWriter<EntityOf<Definition>>;
}

/**
 * Creates the Lambda handler of a consumer that writes changes of ours to a provider: the entry of an EventConsumer of
 * `outbound.subscription` for whose function the SyncEngine's `grantUse` was called.
 *
 * @param parts makes the sources, the sink and the writer from the runtime
 *
 * @example
 * export const handler = createOutboundConsumer(productSync, stockToSupplier, ({ table }) => ({
 *   ...productParts(table),
 *   writer: supplierWriter(createExternalClient({ name: 'supplier', baseUrl }, runtime)),
 * }));
 *
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE` if the function may not use the sync's table
 * @throws SyncWiringError `SYNC_WIRING` if sources or writer do not fit the definition
 * @throws ConsumerWiringError `CONSUMER_WIRING` if the construct has another subscription
 */
export function createOutboundConsumer<Definition extends SyncDefinition>(
  definition: Definition,
  outbound: SyncOutbound,
  parts: (runtime: ConsumerRuntime) => OwnOutboundParts<Definition>,
  options: TenantsOptions = {},
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const runtime = createConsumerRuntime(outbound.subscription, process.env);
  const { writer, ...own } = parts(runtime);
  const sync = createSync(definition, { ...syncOptions(runtime), ...own });
  return createConsumer(sync.outbound(outbound, writer), { ...runtime, ...tenantsOf(options, runtime) });
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
