import { type Disposition, isWaybillError } from '../definitions/waybill-error.ts';
import { memberOf, namesOf } from './thrown.ts';

/**
 * AWS's throttling errors.
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

/** Conflicts with another transaction on the same item. */
const CONFLICTS: readonly string[] = ['TransactionConflictException', 'TransactionInProgressException'];

const NAMES: ReadonlySet<string> = new Set([...THROTTLING, ...CONFLICTS]);

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const TRANSIENT_CANCELLATIONS: ReadonlySet<unknown> = new Set([
  'ProvisionedThroughputExceeded',
  'ThrottlingError',
  'TransactionConflict',
]);

/** No response was received. Node.js stores the reason in `code`, the SDK stores its own timeouts in `name`. */
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

/** Dispositions of Waybill's errors that take precedence over a transient cause. */
const STAYING: ReadonlySet<Disposition> = new Set(['permanent', 'lost-race']);

/** Deep enough for an SDK error in a repository's error in a service's error. */
const MOST_CAUSES = 5;

/**
 * Whether a call to AWS failed for a transient reason: throttling, a conflict with another transaction, a service
 * fault, or no response. Follows the causes of wrapping errors, but not of a Waybill error that is permanent or a lost
 * race. Never throws.
 *
 * Not transient: errors that a retry cannot fix, such as a missing permission, an invalid request, a failed condition,
 * a quota or an aborted call. Network errors of other clients, such as `fetch`, are also not transient: only AWS SDK
 * errors (they have `$metadata`) are known to come from AWS.
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

/** One permanent reason, such as a failed condition, outweighs transient ones. */
function arePassing(reasons: readonly unknown[]): boolean {
  const codes = reasons
    .map((reason) => memberOf(reason, 'Code'))
    .filter((code) => code !== undefined && code !== 'None');
  return codes.length > 0 && codes.every((code) => TRANSIENT_CANCELLATIONS.has(code));
}
