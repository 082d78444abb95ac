import type { ConsumerOptions } from '../consumer/index.ts';
import {
  createJsonClient,
  createPolicy,
  createPolicyTelemetry,
  createSharedRate,
  type JsonClient,
  type JsonClientOptions,
  type Policy,
  PolicyInvalidError,
  type PolicyLimitOptions,
  type SharedRate,
} from '../resilience/index.ts';
import { systemSleep } from '../shared/backoff.ts';
import { createConsumerRateLedger, type RateRecords } from './rate-ledger.ts';

/** The part of a consumer's runtime that adapters use. */
export interface AdapterRuntime extends Pick<ConsumerOptions, 'clock' | 'random' | 'logger' | 'metrics'> {
  /** Where containers share the rates of external systems. @default - none: `ratePerSecond` is refused */
  readonly rateRecords?: RateRecords;
}

export interface ExternalSystemOptions
  extends Pick<JsonClientOptions, 'baseUrl' | 'headers' | 'credentials' | 'maxAnswerBytes'> {
  /** Name of the external system in messages, logs and metrics: `payment-gateway`. */
  readonly name: string;
  /** @default DEFAULT_POLICY */
  readonly limits?: PolicyLimitOptions;
  /**
   * Calls per second of all containers of the consumer together, without the policy's retries: above 0, up to 1000. A call
   * whose turn is more than five seconds away defers its event (`EXTERNAL_RATE_REACHED`). @default - none
   */
  readonly ratePerSecond?: number;
}

/**
 * Creates a client of an external system with its own policy. Create one per container, because the policy keeps the
 * breaker's state.
 *
 * @throws PolicyInvalidError `POLICY_INVALID` listing all problems of the limits, and for a rate without the runtime of a
 * consumer
 */
export function createExternalClient(
  { name, limits = {}, ratePerSecond, ...options }: ExternalSystemOptions,
  { clock, random, logger, metrics, rateRecords }: AdapterRuntime,
): JsonClient {
  const policy = createPolicy({ ...limits, name, clock, random, observer: createPolicyTelemetry({ logger, metrics }) });
  if (ratePerSecond === undefined) return createJsonClient({ ...options, policy, clock });
  if (rateRecords === undefined) {
    throw new PolicyInvalidError(name, [
      'ratePerSecond needs the runtime of createConsumerRuntime, whose containers share it',
    ]);
  }
  const ledger = createConsumerRateLedger(rateRecords, name);
  const rate = createSharedRate({ name, ratePerSecond, ledger, clock, sleep: systemSleep });
  return createJsonClient({ ...options, policy: ratedPolicy(policy, rate), clock });
}

/** Waits before the policy: its timeout and its breaker are of the system. */
const ratedPolicy = (policy: Policy, rate: SharedRate): Policy => ({
  ...policy,
  async run(work, options) {
    await rate.take();
    return policy.run(work, options);
  },
});
