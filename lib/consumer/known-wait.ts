import { memberOf } from '../shared/thrown.ts';
import { isTransient } from '../shared/transient.ts';

/** What is known of the time from which on it can help to try again. */
export interface KnownWait {
  /** No try before that can help; 0 where nothing is known. */
  readonly retryAfterSeconds: number;
  /**
   * Nothing speaks against the event, as while a breaker is open or DynamoDB throttles: it waits as often as it has to, and never becomes a
   * dead letter for it.
   */
  readonly deferrable: boolean;
}

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

/**
 * Reads `retryAfterSeconds` and `deferrable` of an error. One that says neither is deferrable where it is a call to AWS
 * that failed for what passes by itself; how long that takes is not known, so its wait grows as after any failure.
 */
export function knownWaitOf(thrown: unknown): KnownWait {
  const retryAfterSeconds = memberOf(thrown, 'retryAfterSeconds');
  const deferrable = memberOf(thrown, 'deferrable');
  const passes = deferrable === undefined && isTransient(thrown);
  if (typeof retryAfterSeconds !== 'number' || !(retryAfterSeconds >= 0)) {
    return { retryAfterSeconds: 0, deferrable: passes };
  }
  return {
    retryAfterSeconds: Math.min(Math.ceil(retryAfterSeconds), LONGEST_KNOWN_WAIT_SECONDS),
    deferrable: deferrable === true || passes,
  };
}
