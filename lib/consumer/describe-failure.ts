import type { Subscription } from '../contracts/index.ts';
import { describeThrown, namesOf } from '../shared/thrown.ts';
import { type KnownWait, knownWaitOf } from './known-wait.ts';

/** An error as it is stored and counted: bounded text, whatever was thrown. */
export interface Failure extends KnownWait {
  /** `error.code`, else `error.name`. */
  readonly code: string;
  readonly message: string;
  readonly stackHead: string;
  /** No retry can help. */
  readonly permanent: boolean;
}

/** What only a deployment can mend; retrying it until the DLQ would only hold its group longer. */
const PERMANENT_CODES = new Set([
  'PERMANENT',
  'EVENT_MALFORMED',
  'EVENT_DATA_INVALID',
  'EVENT_ID_MISMATCH',
  'EVENT_HOP_LIMIT',
  'TENANT_MISSING',
  'TENANT_MISMATCH',
]);

/** Describes why an event failed. Never throws. */
export function describeFailure(thrown: unknown, { permanentErrors }: Pick<Subscription, 'permanentErrors'>): Failure {
  const { code, message, stackHead } = describeThrown(thrown);
  const names = namesOf(thrown);
  const permanent =
    PERMANENT_CODES.has(names.code) || permanentErrors.includes(names.code) || permanentErrors.includes(names.name);
  return { code, message, stackHead, permanent, ...(permanent ? NO_WAIT : knownWaitOf(thrown)) };
}

/** Nothing that a permanent failure waits for can help it. */
const NO_WAIT: KnownWait = { retryAfterSeconds: 0, deferrable: false };
