import { isWaybillError, ownMember } from '../contracts/index.ts';
import { memberOf } from '../shared/thrown.ts';

/**
 * What a failed try says about the system. `outage`: it is not there, not well, or does not let us in; tried again, and
 * counted by the breaker. `busy`: it is well and asks to be called later; tried again. `final`: it has answered, and would answer the
 * same again; or the error is none of the system's.
 */
export type FailureClass = 'outage' | 'busy' | 'final';

const CLASSES: Readonly<Record<string, FailureClass>> = {
  EXTERNAL_UNAVAILABLE: 'outage',
  EXTERNAL_TIMEOUT: 'outage',
  EXTERNAL_UNAUTHORIZED: 'outage',
  EXTERNAL_THROTTLED: 'busy',
  EXTERNAL_CONFLICT: 'busy',
};

export const classifyFailure = (error: unknown): FailureClass =>
  (isWaybillError(error) ? ownMember(CLASSES, error.code) : undefined) ?? 'final';

/** Milliseconds that the error asks the caller to wait; 0 where it says nothing. */
export function askedWaitMs(error: unknown): number {
  const retryAfterSeconds = memberOf(error, 'retryAfterSeconds');
  return typeof retryAfterSeconds === 'number' ? retryAfterSeconds * 1000 : 0;
}
