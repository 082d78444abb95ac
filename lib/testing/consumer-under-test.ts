import type { EventDefinition, EventInputOf, Subscription } from '../definitions/index.ts';
import type { EventPrincipal } from '../event/index.ts';
import { EventNotTakenError, HarnessUseError } from './errors.ts';
import type { CommittedEvent, StepOutcome } from './outcome.ts';
import type { ServedConsumer } from './served-consumer.ts';
import type { Stage } from './stage.ts';
import type { CrashPoint } from './watched-store.ts';

export interface PublishOptions {
  /** Required if the harness has tenancy 'required'. @default - none */
  readonly tenantId?: string;
  /** @default - a new one */
  readonly correlationId?: string;
  /** Who causes the event. @default - not known */
  readonly principal?: EventPrincipal;
}

export interface WhenOptions extends PublishOptions {
  /** When the process crashes. @default - it does not crash */
  readonly crash?: CrashPoint;
}

export interface AgainOptions {
  /** When the process crashes. @default - it does not crash */
  readonly crash?: CrashPoint;
  /**
   * Whether the event's inbox record has expired, as after a late redrive. The handler then runs again, and only its
   * own conditions prevent a second effect.
   * @default false
   */
  readonly forgotten?: boolean;
}

/** A consumer that a test sends one event at a time. */
export interface ConsumerUnderTest<S extends Subscription = Subscription> {
  readonly subscription: S;
  /**
   * Publishes an event and delivers it to this consumer only; other consumers receive it in `runToEnd`.
   * @throws EventNotTakenError `TESTING_EVENT_NOT_TAKEN` listing the consumer's event types
   * @throws EventDataError `EVENT_DATA_INVALID`
   */
  when<Definition extends S['events'][number]>(
    definition: Definition,
    data: EventInputOf<Definition>,
    options?: WhenOptions,
  ): Promise<StepOutcome>;
  /**
   * Delivers the event of the previous step again. After a failure or a crash the clock moves to the time at which its
   * message becomes visible; after a final failure the event is redriven; otherwise it is a duplicate.
   */
  again(options?: AgainOptions): Promise<StepOutcome>;
}

/** @param publish commits an event that `runToEnd` does not deliver to this consumer */
export function createConsumerUnderTest<S extends Subscription>(
  subscription: S,
  consumer: ServedConsumer,
  { clock }: Stage,
  publish: (definition: EventDefinition, data: unknown, options: PublishOptions) => Promise<CommittedEvent>,
): ConsumerUnderTest<S> {
  let last: { readonly event: CommittedEvent; readonly messageId: string; readonly isFinal: boolean } | undefined;

  const deliver = async (event: CommittedEvent, messageId: string, crash: CrashPoint | undefined) => {
    const outcome = await consumer.deliver(messageId, event, crash);
    if (outcome === undefined) throw new HarnessUseError(`'${event.type}' was received too often: it is a dead letter`);
    last = { event, messageId, isFinal: outcome.failure?.isFinal ?? false };
    return outcome;
  };

  return {
    subscription,
    async when(definition, data, { crash, ...options } = {}) {
      if (!consumer.takes(definition)) throw new EventNotTakenError(definition, subscription);
      const event = await publish(definition, data, options);
      return deliver(event, consumer.queue.send(event.partitionkey, JSON.stringify(event)), crash);
    },
    async again({ crash, forgotten = false } = {}) {
      if (last === undefined) throw new HarnessUseError('again() repeats an event: call when() first');
      const { event, messageId, isFinal } = last;
      if (isFinal) consumer.queue.delete(messageId);
      if (forgotten) await consumer.forget(event);
      const visibleAt = consumer.queue.visibleAt(messageId);
      if (visibleAt !== undefined) clock.advanceTo(visibleAt);
      const sameOrNew =
        visibleAt === undefined ? consumer.queue.send(event.partitionkey, JSON.stringify(event)) : messageId;
      return deliver(event, sameOrNew, crash);
    },
  };
}
