import type { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';

/** What goes wrong on demand; every hook is optional and means "nothing" when it is left out or returns undefined. */
export interface EventBridgeFaults {
  /** Fails the whole PutEvents call, e.g. with a `ThrottlingException`. */
  onPutEvents?(entries: readonly JsonObject[]): AwsError | undefined;
  /** Fails one entry of a call; the others go on. */
  onPutEventsEntry?(entry: JsonObject): EntryFault | undefined;
  /** Duplicates or delays what one target gets of one event; delays reorder. */
  onDelivery?(delivery: DeliveryInfo): DeliveryFault | undefined;
  /**
   * Fails an attempt at a delivery, as the target's service would.
   * @param attempt counts from 1.
   * @param retriesLeft after this attempt, by the target's retry policy.
   */
  onAttempt?(delivery: DeliveryInfo, attempt: number, retriesLeft: number): AwsError | undefined;
}

export interface EntryFault {
  /** `ThrottlingException` and `InternalFailure` are the retryable ones. */
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

export interface DeliveryInfo {
  readonly ruleArn: string;
  readonly targetArn: string;
  /** The event's envelope. */
  readonly event: JsonObject;
}

export interface DeliveryFault {
  /** How many times the target gets it; 0 loses it. @default 1 */
  readonly copies?: number;
  /** Waits before the first attempt. @default 0 */
  readonly delayMs?: number;
  /** The target gets it once more, this long after the event. @default not again */
  readonly againAfterMs?: number;
  /** Waits until another delivery to the same target has begun, but no longer than this. @default does not wait */
  readonly overtakenWithinMs?: number;
}
