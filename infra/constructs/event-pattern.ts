import type { EventPattern } from 'aws-cdk-lib/aws-events';
import type { Subscription } from '../../lib/definitions/index.ts';

/** Characters of an event pattern; the quota can be raised. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
export const EVENT_PATTERN_MAX_LENGTH = 2048;

/** Whatever the relay put on the bus; an event without a group could not be sent to a FIFO queue. */
export const EVENTS_OF_THE_OUTBOX = { detail: { partitionkey: [{ exists: true }] } } satisfies EventPattern;

/**
 * Matches exactly the pairs of source and type of a subscription. Replayed events match, too: select the consumer's
 * rule in the replay to reach no other consumer. Events that the consumer's inbox knows have no effect again.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function eventPatternOf({ events }: Pick<Subscription, 'events'>): EventPattern {
  const bySource = Map.groupBy(events, ({ source }) => source);
  const source = [...bySource.keys()];
  if (source.length === 1) return { source, detailType: events.map(({ type }) => type), ...EVENTS_OF_THE_OUTBOX };
  // lists beside each other would match each type from each source
  const pairs = [...bySource].map(([one, own]) => ({ source: [one], type: own.map(({ type }) => type) }));
  return { source, detail: { ...EVENTS_OF_THE_OUTBOX.detail, $or: pairs } };
}

/** The length of the pattern as EventBridge gets it. */
export function eventPatternLength(subscription: Pick<Subscription, 'events'>): number {
  const { detailType, ...others } = eventPatternOf(subscription);
  return JSON.stringify({ ...others, 'detail-type': detailType }).length;
}
