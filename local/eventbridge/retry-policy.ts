import type { JsonObject } from '../endpoint/service.ts';
import { optionalInteger, optionalObject } from './members.ts';

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html */
export interface RetryPolicy {
  /** 60 to 86,400 */
  readonly maxEventAgeSeconds: number;
  /** 0 to 185: tries after the first one. */
  readonly maxRetryAttempts: number;
}

const DEFAULT_POLICY: RetryPolicy = { maxEventAgeSeconds: 86_400, maxRetryAttempts: 185 };

/** The service does not publish its own; these spread 185 retries over about a day, as its defaults suggest. */
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 10 * 60_000;

export function readRetryPolicy(target: JsonObject): RetryPolicy {
  const policy = optionalObject(target, 'RetryPolicy');
  if (policy === undefined) return DEFAULT_POLICY;
  return {
    maxEventAgeSeconds:
      optionalInteger(policy, 'MaximumEventAgeInSeconds', 60, 86_400) ?? DEFAULT_POLICY.maxEventAgeSeconds,
    maxRetryAttempts: optionalInteger(policy, 'MaximumRetryAttempts', 0, 185) ?? DEFAULT_POLICY.maxRetryAttempts,
  };
}

/** Exponential, with the upper half of each step left to chance. */
export function backoffMs(retry: number, random: () => number): number {
  const longest = Math.min(FIRST_BACKOFF_MS * 2 ** (retry - 1), LONGEST_BACKOFF_MS);
  return longest / 2 + (random() * longest) / 2;
}
