import { type CloudEvent, type EventDefinition, type EventInputOf, findEventType } from '../definitions/index.ts';
import type { CrashPoint } from './watched-store.ts';

/** An event as it was committed: `data` is what stands on the wire. */
export type CommittedEvent<Definition extends EventDefinition = EventDefinition> = CloudEvent<
  EventInputOf<Definition>,
  Definition['type']
>;

/** A write that was committed. */
export interface CommittedWrite {
  readonly action: 'Put' | 'Update' | 'Delete';
  readonly table: string;
  readonly key: Readonly<Record<string, unknown>>;
  /** The item after the transaction, undefined when there is none. */
  readonly item: Readonly<Record<string, unknown>> | undefined;
}

export interface StepFailure {
  /** `error.code`, else `error.name`. */
  readonly code: string;
  readonly message: string;
  /** Receives of the event's message so far. */
  readonly attempts: number;
  /** Whether its receives are used up, or no retry can help: it goes to the DLQ. */
  readonly isFinal: boolean;
  /** What the handler threw, or its commit; undefined where it did not come so far. */
  readonly error: unknown;
}

/**
 * - `handled`: the handler ran, and its work is committed
 * - `duplicate`: the event had its effect before; the handler did not run
 * - `failed`: nothing is written; why is in `failure`
 * - `waiting`: it was not its turn: its group waits for an earlier event, or another execution has it
 * - `crashed`: where the test asked for it
 */
export type StepKind = 'handled' | 'duplicate' | 'failed' | 'waiting' | 'crashed';

/** What became of one event at one consumer, and all that was committed meanwhile. */
export interface StepOutcome {
  readonly kind: StepKind;
  readonly event: CommittedEvent;
  readonly failure: StepFailure | undefined;
  readonly crash: CrashPoint | undefined;
  /** In the order of their commits; the writes of a handler's own tables only. */
  readonly writes: readonly CommittedWrite[];
  /** In the order of publishing. */
  readonly events: readonly CommittedEvent[];
  /** Those of one definition. */
  eventsOf<Definition extends EventDefinition>(definition: Definition): readonly CommittedEvent<Definition>[];
}

export const eventsOf = <Definition extends EventDefinition>(
  events: readonly CommittedEvent[],
  definition: Definition,
): readonly CommittedEvent<Definition>[] =>
  events.filter((event): event is CommittedEvent<Definition> => findEventType([definition], event) !== undefined);
