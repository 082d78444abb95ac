import type { EventDefinition, EventInputOf, Subscription } from '../definitions/index.ts';
import { EventNotTakenError, HarnessUseError } from './errors.ts';
import type { CommittedEvent, StepOutcome } from './outcome.ts';
import type { ServedConsumer } from './served-consumer.ts';
import type { Stage } from './stage.ts';
import type { CrashPoint } from './watched-store.ts';

export interface PublishOptions {
  /** Needed where the harness has tenancy 'required'. @default - none */
  readonly tenantId?: string;
  /** @default - a new one */
  readonly correlationId?: string;
}

export interface WhenOptions extends PublishOptions {
  /** Where the process is to end. @default - it lives */
  readonly crash?: CrashPoint;
}

export interface AgainOptions {
  /** @default - it lives */
  readonly crash?: CrashPoint;
  /**
   * Whether the consumer has forgotten the event by then, as when a redrive comes after its record has expired: the
   * handler runs once more, and only its own conditions keep it from acting twice.
   * @default false
   */
  readonly forgotten?: boolean;
}

/** A consumer as a test drives it: one event at a time. */
export interface ConsumerUnderTest<S extends Subscription = Subscription> {
  readonly subscription: S;
  /**
   * Publishes an event, and gives it to this consumer alone; others get it in `runToEnd`.
   * @throws EventNotTakenError `TESTING_EVENT_NOT_TAKEN` naming what the consumer takes
   * @throws EventDataError `EVENT_DATA_INVALID`
   */
  when<Definition extends S['events'][number]>(
    definition: Definition,
    data: EventInputOf<Definition>,
    options?: WhenOptions,
  ): Promise<StepOutcome>;
  /**
   * The event of the step before once more: after a failure or a crash when its message shows again, on the harness's
   * clock; after one that was final as a redrive; else as a duplicate.
   */
  again(options?: AgainOptions): Promise<StepOutcome>;
}

/** @param publish commits an event, and keeps it from coming to this consumer a second time */
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
