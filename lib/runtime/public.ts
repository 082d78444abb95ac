/** Runtimes for Lambda and other compute: AWS clients and adapters from the variables that the constructs set. */
export { type Sleep, systemSleep } from '../shared/backoff.ts';
export { EventLogger } from '../shared/event-logger.ts';
export {
  createKeptSecrets,
  type KeptSecret,
  type KeptSecrets,
  type KeptSecretsOptions,
  type Verdict,
} from '../shared/kept-secrets.ts';
export { requireEnv } from '../shared/require-env.ts';
export {
  type CachedSecret,
  createSecretCache,
  type SecretCache,
  type SecretCacheOptions,
} from '../shared/secret-cache.ts';
export type { SecretReader } from '../shared/secret-reader.ts';
export { addMs, type Clock, type EpochMs, type EpochSeconds, systemClock, toTimestamp } from '../shared/time.ts';
export { api } from './api.ts';
export { type ApiRuntime, createApiRuntime } from './api-runtime.ts';
export { consumer, type OwnHandlers } from './consumer.ts';
export { type ConsumerRuntime, createConsumerRuntime } from './consumer-runtime.ts';
export { type AdapterRuntime, createExternalClient, type ExternalSystemOptions } from './external-client.ts';
export { createProducerRuntime, type ProducerRuntime } from './producer-runtime.ts';
export { createProjectionConsumer } from './projection-runtime.ts';
export type { RateRecords } from './rate-ledger.ts';
export { createReaderRuntime, type ReaderRuntime } from './reader-runtime.ts';
export type { RebuildCommand } from './rebuild-handler.ts';
export { createRebuilder } from './rebuild-runtime.ts';
export { createSagaConsumer } from './saga-consumer.ts';
export { secretCredentials } from './secret-credentials.ts';
export { createSecretsReader } from './secrets-reader.ts';
export {
  createOutboundConsumer,
  createSyncConsumer,
  type OwnOutboundParts,
  type OwnSyncParts,
  syncOptions,
} from './sync-consumer.ts';
export type { TelemetryOptions, TenancyRuntime } from './tenancy-runtime.ts';
export type { TenantsOptions } from './tenants.ts';
export { createViewReaderOn } from './view-reader.ts';
export { webhook } from './webhook.ts';
