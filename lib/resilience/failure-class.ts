import { isWaybillError, ownMember } from '../definitions/index.ts';
import { memberOf } from '../shared/thrown.ts';

/**
 * Class of a failed attempt. `outage`: the system is not available or refuses the credentials; retried, and counted by
 * the breaker. `busy`: the system asks to be called later; retried, but not counted. `final`: the system would respond
 * the same again, or the error is not from the system; not retried.
 */
export type FailureClass = 'outage' | 'busy' | 'final';

const CLASSES: Readonly<Record<string, FailureClass>> = {
  EXTERNAL_UNAVAILABLE: 'outage',
  EXTERNAL_TIMEOUT: 'outage',
  EXTERNAL_UNAUTHORIZED: 'outage',
  EXTERNAL_THROTTLED: 'busy',
  EXTERNAL_CONFLICT: 'busy',
  EXTERNAL_CREDENTIALS_UNREADABLE: 'busy',
};

export const classifyFailure = (error: unknown): FailureClass =>
  (isWaybillError(error) ? ownMember(CLASSES, error.code) : undefined) ?? 'final';

/** Milliseconds that the error asks the caller to wait; 0 if it has no retryAfterSeconds. */
export function askedWaitMs(error: unknown): number {
  const retryAfterSeconds = memberOf(error, 'retryAfterSeconds');
  return typeof retryAfterSeconds === 'number' ? retryAfterSeconds * 1000 : 0;
}
