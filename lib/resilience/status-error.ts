import type { WaybillError } from '../definitions/index.ts';
import type { Clock } from '../shared/time.ts';
import {
  ExternalConflictError,
  ExternalRequestRejectedError,
  ExternalThrottledError,
  ExternalUnauthorizedError,
  ExternalUnavailableError,
} from './errors.ts';

/** The content of an error body. */
export interface ForeignError {
  /**
   * Becomes part of error messages, which are logged and stored in failure notes. Must not contain personal data or
   * secrets.
   */
  readonly detail: string;
  /** Whether the idempotency key was used for another request. @default false */
  readonly isKeyReused?: boolean;
}

/** A response for which the adapter has no reader. */
export interface UnexpectedAnswer {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  readonly detail: string;
}

/** Long enough to recognise an error in a log line. */
const DETAIL_MAX_LENGTH = 200;

/** Creates the error for a status without a reader. */
export function errorOfStatus(system: string, answer: UnexpectedAnswer): WaybillError {
  const { status, retryAfterSeconds } = answer;
  const detail = answer.detail.slice(0, DETAIL_MAX_LENGTH);
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  if (status === 429) return new ExternalThrottledError(system, retryAfterSeconds);
  if (status === 409) return new ExternalConflictError(system, detail);
  if (status === 401) return new ExternalUnauthorizedError(system, detail);
  // 408 and 425 ask to repeat the request
  if (status >= 500 || status === 408 || status === 425) {
    return new ExternalUnavailableError(system, `it returned ${status}: ${detail}`, wait);
  }
  return new ExternalRequestRejectedError(system, status, detail);
}

/** Maximum visibility timeout of SQS. */
const LONGEST_SECONDS = 43_200;

/**
 * Reads a `Retry-After` header, in whole seconds: a number of seconds or an HTTP date. Undefined if it is missing or
 * not valid.
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function readRetryAfter(header: string | null, clock: Clock): number | undefined {
  const text = header?.trim() ?? '';
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((readHttpDate(text) - clock.now()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), LONGEST_SECONDS);
}

/** `Date.parse` would accept `-5` as a year. */
const readHttpDate = (text: string): number => (text.endsWith(' GMT') ? Date.parse(text) : Number.NaN);
