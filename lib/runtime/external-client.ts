import type { ConsumerOptions } from '../consumer/index.ts';
import {
  createJsonClient,
  createPolicy,
  createPolicyTelemetry,
  type JsonClient,
  type JsonClientOptions,
  type PolicyLimitOptions,
} from '../resilience/index.ts';

/** What adapters take from `createConsumerRuntime`. */
export type AdapterRuntime = Pick<ConsumerOptions, 'clock' | 'random' | 'logger' | 'metrics'>;

export interface ExternalSystemOptions extends Pick<JsonClientOptions, 'baseUrl' | 'headers' | 'maxAnswerBytes'> {
  /** As messages, logs and metrics name it: `payment-gateway`. */
  readonly name: string;
  /** @default DEFAULT_POLICY */
  readonly limits?: PolicyLimitOptions;
}

/**
 * A client of an external system behind a policy of its own; created once per container, since the policy holds the
 * breaker.
 */
export function createExternalClient(
  { name, limits = {}, ...options }: ExternalSystemOptions,
  { clock, random, logger, metrics }: AdapterRuntime,
): JsonClient {
  const policy = createPolicy({ ...limits, name, clock, random, observer: createPolicyTelemetry({ logger, metrics }) });
  return createJsonClient({ ...options, policy, clock });
}
