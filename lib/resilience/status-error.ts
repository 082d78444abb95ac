import type { WaybillError } from '../contracts/index.ts';
import {
  ExternalConflictError,
  ExternalRequestRejectedError,
  ExternalThrottledError,
  ExternalUnauthorizedError,
  ExternalUnavailableError,
} from './errors.ts';

/** What the body of an error says. */
export interface ForeignError {
  /** Becomes part of messages, which are logged and kept in failure notes: no personal data, and no secrets. */
  readonly detail: string;
  /** Whether it says that the idempotency key came with another request. @default false */
  readonly isKeyReused?: boolean;
}

/** An answer that no reader of the adapter takes. */
export interface UnexpectedAnswer {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  readonly detail: string;
}

/** Enough to recognise an error by, in a log line. */
const DETAIL_MAX_LENGTH = 200;

/** What a status means that the adapter does not know as an answer. */
export function errorOfStatus(system: string, answer: UnexpectedAnswer): WaybillError {
  const { status, retryAfterSeconds } = answer;
  const detail = answer.detail.slice(0, DETAIL_MAX_LENGTH);
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  if (status === 429) return new ExternalThrottledError(system, retryAfterSeconds);
  if (status === 409) return new ExternalConflictError(system, detail);
  if (status === 401) return new ExternalUnauthorizedError(system, detail);
  // 408 and 425 ask for the same request again
  if (status >= 500 || status === 408 || status === 425) {
    return new ExternalUnavailableError(system, `it answered ${status}: ${detail}`, wait);
  }
  return new ExternalRequestRejectedError(system, status, detail);
}
