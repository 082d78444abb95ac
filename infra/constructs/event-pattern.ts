import type { EventPattern } from 'aws-cdk-lib/aws-events';
import type { Subscription } from '../../lib/contracts/index.ts';

/** Characters of an event pattern; the quota can be raised. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
export const EVENT_PATTERN_MAX_LENGTH = 2048;

/** Whatever the relay put on the bus; an event without a group could not be sent to a FIFO queue. */
export const EVENTS_OF_THE_OUTBOX = { detail: { partitionkey: [{ exists: true }] } } satisfies EventPattern;

/**
 * Matches what a subscription takes. Replayed events match too: name the consumer's rule in the replay to reach no
 * other consumer. What the consumer's inbox remembers has no effect again.
 */
export const eventPatternOf = ({ events }: Subscription) =>
  ({
    source: [...new Set(events.map((event) => event.source))],
    detailType: events.map((event) => event.type),
    ...EVENTS_OF_THE_OUTBOX,
  }) satisfies EventPattern;

/** The length of the pattern as EventBridge gets it. */
export function eventPatternLength(subscription: Subscription): number {
  const { detailType, ...others } = eventPatternOf(subscription);
  return JSON.stringify({ ...others, 'detail-type': detailType }).length;
}
