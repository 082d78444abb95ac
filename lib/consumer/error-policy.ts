import { hasCode, isWaybillError, type Subscription, type WaybillError } from '../definitions/index.ts';
import { describeThrown, memberOf, namesOf } from '../shared/thrown.ts';
import { isTransient } from '../shared/transient.ts';

/** What is known of the time from which on it can help to try again. */
export interface KnownWait {
  /** No try before that can help; 0 where nothing is known. */
  readonly retryAfterSeconds: number;
  /**
   * The event is not at fault, as while a breaker is open or DynamoDB throttles: it waits as often as it has to, and
   * never becomes a dead letter for it.
   */
  readonly deferrable: boolean;
}

/** An error as it is stored and counted: bounded text, whatever was thrown. */
export interface Failure extends KnownWait {
  /** `error.code`, else `error.name`. */
  readonly code: string;
  readonly message: string;
  readonly stackHead: string;
  /** No retry can help. */
  readonly permanent: boolean;
}

/**
 * Describes why an event failed, and what is to be done about it, by the error's `disposition`:
 *
 * - `permanent`, and what the subscription's `permanentErrors` names by code or name: no retry;
 * - `defer`: the event waits for `retryAfterSeconds`, or with growing backoff where the error does not say how long;
 * - anything else, a `lost-race` too that was lost at every run: a retry. Where it comes from a call to AWS that failed
 *   for what passes by itself, the event is deferred. An error of another library that says `retry` itself is not.
 *
 * Never throws.
 */
export function describeFailure(thrown: unknown, { permanentErrors }: Pick<Subscription, 'permanentErrors'>): Failure {
  const { code, message, stackHead } = describeThrown(thrown);
  const names = namesOf(thrown);
  const disposition = memberOf(thrown, 'disposition');
  const permanent =
    disposition === 'permanent' || permanentErrors.includes(names.code) || permanentErrors.includes(names.name);
  if (permanent) return { code, message, stackHead, permanent, retryAfterSeconds: 0, deferrable: false };
  // in Waybill's errors `retry` is the default, and says nothing of what they wrap
  const saysRetry = disposition === 'retry' && !isWaybillError(thrown);
  const deferrable = disposition === 'defer' || (!saysRetry && isTransient(thrown));
  return { code, message, stackHead, permanent, retryAfterSeconds: retryAfterSecondsOf(thrown), deferrable };
}

/** Whether another writer was first, so that a handler that runs again at once can succeed. Never throws. */
export const isLostRace = (error: unknown): error is WaybillError =>
  isWaybillError(error) && memberOf(error, 'disposition') === 'lost-race';

/** Whether another execution was first with the same event: what it did stands, and nothing of this one was written. */
export const isOvertaken = (error: unknown): error is WaybillError =>
  hasCode(error, 'CURSOR_MOVED') || hasCode(error, 'INBOX_CLAIM_LOST');

/**
 * Twelve hours, SQS's longest, less the longest invocation: SQS counts from the receive.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
const LONGEST_KNOWN_WAIT_SECONDS = 43_200 - 900;

/**
 * The longest wait after a receive of which `maxReceiveCount` can follow each other before the queue forgets the
 * message; one more is left for the time between them.
 */
export const longestWaitSeconds = (queueRetentionSeconds: number, maxReceiveCount: number): number =>
  Math.min(Math.floor(queueRetentionSeconds / (maxReceiveCount + 1)), LONGEST_KNOWN_WAIT_SECONDS);

function retryAfterSecondsOf(thrown: unknown): number {
  const seconds = memberOf(thrown, 'retryAfterSeconds');
  return typeof seconds === 'number' && seconds >= 0 ? Math.min(Math.ceil(seconds), LONGEST_KNOWN_WAIT_SECONDS) : 0;
}
