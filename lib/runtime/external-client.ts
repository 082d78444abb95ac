import type { ConsumerOptions } from '../consumer/index.ts';
import {
  createJsonClient,
  createPolicy,
  createPolicyTelemetry,
  type JsonClient,
  type JsonClientOptions,
  type PolicyLimitOptions,
} from '../resilience/index.ts';

/** The part of a consumer's runtime that adapters use. */
export type AdapterRuntime = Pick<ConsumerOptions, 'clock' | 'random' | 'logger' | 'metrics'>;

export interface ExternalSystemOptions
  extends Pick<JsonClientOptions, 'baseUrl' | 'headers' | 'credentials' | 'maxAnswerBytes'> {
  /** Name of the external system in messages, logs and metrics: `payment-gateway`. */
  readonly name: string;
  /** @default DEFAULT_POLICY */
  readonly limits?: PolicyLimitOptions;
}

/**
 * Creates a client of an external system with its own policy. Create one per container, because the policy keeps the
 * breaker's state.
 */
export function createExternalClient(
  { name, limits = {}, ...options }: ExternalSystemOptions,
  { clock, random, logger, metrics }: AdapterRuntime,
): JsonClient {
  const policy = createPolicy({ ...limits, name, clock, random, observer: createPolicyTelemetry({ logger, metrics }) });
  return createJsonClient({ ...options, policy, clock });
}
