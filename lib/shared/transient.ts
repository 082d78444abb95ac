import { type Disposition, isWaybillError } from '../definitions/waybill-error.ts';
import { memberOf, namesOf } from './thrown.ts';

/**
 * What AWS says when it is asked for too much at a time.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
const THROTTLING: readonly string[] = [
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'KmsThrottled',
  'OverLimit',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
];

/** Somebody else's transaction has an item at this moment. */
const CONFLICTS: readonly string[] = ['TransactionConflictException', 'TransactionInProgressException'];

const NAMES: ReadonlySet<string> = new Set([...THROTTLING, ...CONFLICTS]);

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const TRANSIENT_CANCELLATIONS: ReadonlySet<unknown> = new Set([
  'ProvisionedThroughputExceeded',
  'ThrottlingError',
  'TransactionConflict',
]);

/** No answer came. Node.js names the reason in `code`, the SDK its own time-outs in `name`. */
const NO_ANSWER: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'RequestTimeout',
  'RequestTimeoutException',
  'TimeoutError',
]);

/** What an error of ours may say that no passing trouble below it outweighs. */
const STAYING: ReadonlySet<Disposition> = new Set(['permanent', 'lost-race']);

/** Deep enough for an SDK error in a repository's error in a service's error. */
const MOST_CAUSES = 5;

/**
 * Whether a call to AWS failed for something that passes by itself: throttling, a conflict with another transaction, a
 * fault of the service, or no answer. Looks through the causes of errors that wrap it, but not through an error of ours
 * that says that it is permanent or a lost race. Never throws.
 *
 * What a retry does not change is not transient: a missing right, a request that is refused as it is, a condition that
 * does not hold, a quota, a call that was aborted. Nor is a network error of another client, such as `fetch`: only
 * errors of the AWS SDK (they have `$metadata`) are known to be of AWS.
 */
export function isTransient(thrown: unknown): boolean {
  let error = thrown;
  for (let depth = 0; depth <= MOST_CAUSES && error !== undefined && error !== null; depth++) {
    const transience = transienceOf(error);
    if (transience !== 'unknown') return transience === 'passes';
    error = memberOf(error, 'cause');
  }
  return false;
}

function transienceOf(error: unknown): 'passes' | 'stays' | 'unknown' {
  if (isWaybillError(error) && STAYING.has(error.disposition)) return 'stays';
  const { name, code } = namesOf(error);
  const metadata = memberOf(error, '$metadata');
  const reasons = memberOf(error, 'CancellationReasons');
  if (name === 'TransactionCanceledException' && Array.isArray(reasons))
    return arePassing(reasons) ? 'passes' : 'stays';
  if (NAMES.has(name) || NAMES.has(code)) return 'passes';
  if (typeof metadata !== 'object' || name === 'AbortError') return 'unknown';
  if (NO_ANSWER.has(name) || NO_ANSWER.has(code)) return 'passes';
  if (typeof memberOf(error, '$retryable') === 'object' || memberOf(error, '$fault') === 'server') return 'passes';
  const status = memberOf(metadata, 'httpStatusCode');
  if (typeof status !== 'number') return 'unknown';
  return status >= 500 || status === 429 ? 'passes' : 'stays';
}

/** A reason that stays, such as a condition that does not hold, outweighs those that pass. */
function arePassing(reasons: readonly unknown[]): boolean {
  const codes = reasons
    .map((reason) => memberOf(reason, 'Code'))
    .filter((code) => code !== undefined && code !== 'None');
  return codes.length > 0 && codes.every((code) => TRANSIENT_CANCELLATIONS.has(code));
}
