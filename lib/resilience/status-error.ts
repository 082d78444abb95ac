import type { WaybillError } from '../contracts/index.ts';
import {
  ExternalConflictError,
  ExternalRequestRejectedError,
  ExternalThrottledError,
  ExternalUnavailableError,
} from './errors.ts';

/** An answer that no reader of the adapter takes. */
export interface UnexpectedAnswer {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  readonly text: string;
}

/** Enough to recognise an error by, in a log line. */
const DETAIL_MAX_LENGTH = 200;

/** What a status means that the adapter does not know as an answer. */
export function errorOfStatus(system: string, { status, retryAfterSeconds, text }: UnexpectedAnswer): WaybillError {
  const detail = text.slice(0, DETAIL_MAX_LENGTH) || 'an empty body';
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  if (status === 429) return new ExternalThrottledError(system, retryAfterSeconds);
  if (status === 409) return new ExternalConflictError(system, detail);
  // 408 and 425 ask for the same request again
  if (status >= 500 || status === 408 || status === 425) {
    return new ExternalUnavailableError(system, `it answered ${status}: ${detail}`, wait);
  }
  return new ExternalRequestRejectedError(system, status, detail);
}
