import { hasCode, isWaybillError, type Subscription, type WaybillError } from '../definitions/index.ts';
import { describeThrown, memberOf, namesOf, thrownAt } from '../shared/thrown.ts';
import { isTransient } from '../shared/transient.ts';

/** The earliest useful time for a retry. */
export interface KnownWait {
  /** No earlier retry can succeed; 0 if not known. */
  readonly retryAfterSeconds: number;
  /**
   * The event is not at fault, for example if a breaker is open or DynamoDB throttles. It is retried without limit and
   * never becomes a dead letter.
   */
  readonly deferrable: boolean;
}

/** A thrown value as it is stored and counted, with bounded texts. */
export interface Failure extends KnownWait {
  /** `error.code`, else `error.name`. */
  readonly code: string;
  readonly message: string;
  readonly stackHead: string;
  /** The first frame of the user's own code: `functions/billing/handler.ts:12`; undefined if the stack has none. */
  readonly thrownAt?: string | undefined;
  /** No retry can succeed. */
  readonly permanent: boolean;
}

/**
 * Describes why an event failed and decides what to do, by the error's `disposition`:
 *
 * - `permanent`, or a code or name listed in the subscription's `permanentErrors`: no retry
 * - `defer`: wait for `retryAfterSeconds`, or with growing backoff if the error has none
 * - anything else, including a `lost-race` that was lost in every run: retry. If the cause is a transient failure of an
 *   AWS call, the event is deferred instead, unless an error of another library itself says `retry`.
 *
 * Never throws.
 */
export function describeFailure(thrown: unknown, { permanentErrors }: Pick<Subscription, 'permanentErrors'>): Failure {
  const { code, message, stackHead } = describeThrown(thrown);
  const what = { code, message, stackHead, thrownAt: thrownAt(thrown) };
  const names = namesOf(thrown);
  const disposition = memberOf(thrown, 'disposition');
  const permanent =
    disposition === 'permanent' || permanentErrors.includes(names.code) || permanentErrors.includes(names.name);
  if (permanent) return { ...what, permanent, retryAfterSeconds: 0, deferrable: false };
  // in Waybill's errors `retry` is the default and says nothing about the cause
  const saysRetry = disposition === 'retry' && !isWaybillError(thrown);
  const deferrable = disposition === 'defer' || (!saysRetry && isTransient(thrown));
  return { ...what, permanent, retryAfterSeconds: retryAfterSecondsOf(thrown), deferrable };
}

/** Whether another writer was first, so that running the handler again at once can succeed. Never throws. */
export const isLostRace = (error: unknown): error is WaybillError =>
  isWaybillError(error) && memberOf(error, 'disposition') === 'lost-race';

/** Whether another execution committed the same event first. Its effects stand; this execution wrote nothing. */
export const isOvertaken = (error: unknown): error is WaybillError =>
  hasCode(error, 'CURSOR_MOVED') || hasCode(error, 'INBOX_CLAIM_LOST');

/**
 * SQS's maximum of twelve hours minus the longest invocation, because SQS counts from the receive.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
const LONGEST_KNOWN_WAIT_SECONDS = 43_200 - 900;

/**
 * The longest wait with which `maxReceiveCount` receives fit into the queue's retention, with the time of one more wait
 * as reserve.
 */
export const longestWaitSeconds = (queueRetentionSeconds: number, maxReceiveCount: number): number =>
  Math.min(Math.floor(queueRetentionSeconds / (maxReceiveCount + 1)), LONGEST_KNOWN_WAIT_SECONDS);

function retryAfterSecondsOf(thrown: unknown): number {
  const seconds = memberOf(thrown, 'retryAfterSeconds');
  return typeof seconds === 'number' && seconds >= 0 ? Math.min(Math.ceil(seconds), LONGEST_KNOWN_WAIT_SECONDS) : 0;
}
