import { describeEventType, type Ordering, type Subscription } from '../definitions/index.ts';
import { ConsumerWiringError } from './errors.ts';

/** A subscription as one of the places says it that must agree on it. */
export interface StatedSubscription {
  /** Which place: `the code`, `the construct`. */
  readonly by: string;
  readonly ordering: Ordering;
  /** `source` is undefined where the place does not say it; then only types are compared. */
  readonly events: readonly { readonly type: string; readonly source: string | undefined }[];
}

/** One sentence for each difference in ordering or event types; empty if there is none. */
export function subscriptionDifferences(one: StatedSubscription, other: StatedSubscription): readonly string[] {
  const ordering =
    one.ordering === other.ordering
      ? []
      : [`ordering is '${one.ordering}' in ${one.by} and '${other.ordering}' in ${other.by}`];
  return [...ordering, ...missingFrom(other, one), ...missingFrom(one, other)];
}

const missingFrom = (one: StatedSubscription, other: StatedSubscription): readonly string[] =>
  other.events
    .filter((event) => !one.events.some((each) => isSame(each, event)))
    .map(({ type, source }) => {
      const event = source === undefined ? `'${type}'` : describeEventType({ type, source });
      return `${other.by} takes ${event} and ${one.by} does not`;
    });

type StatedEvent = StatedSubscription['events'][number];

const isSame = (a: StatedEvent, b: StatedEvent): boolean =>
  a.type === b.type && (a.source === b.source || a.source === undefined || b.source === undefined);

/** @throws ConsumerWiringError `CONSUMER_WIRING` naming both where handlers and runtime are of different subscriptions */
export function assertSameSubscription(handlers: Subscription, runtime: Subscription): void {
  const { name } = handlers;
  if (name !== runtime.name) {
    throw new ConsumerWiringError(
      `the handlers are for subscription '${name}' and the runtime is for '${runtime.name}': create both from one subscription`,
    );
  }
  const differences = subscriptionDifferences(
    { ...handlers, by: "the handlers' subscription" },
    { ...runtime, by: "the runtime's" },
  );
  if (differences.length === 0) return;
  throw new ConsumerWiringError(
    `the handlers and the runtime of consumer '${name}' have different subscriptions: ${differences.join('; ')}; create both from one subscription`,
  );
}
