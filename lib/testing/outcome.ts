import { type CloudEvent, type EventDefinition, type EventInputOf, findEventType } from '../definitions/index.ts';
import type { CrashPoint } from './watched-store.ts';

/** An event as committed: `data` is the encoded data. */
export type CommittedEvent<Definition extends EventDefinition = EventDefinition> = CloudEvent<
  EventInputOf<Definition>,
  Definition['type']
>;

/** A write that was committed. */
export interface CommittedWrite {
  readonly action: 'Put' | 'Update' | 'Delete';
  readonly table: string;
  readonly key: Readonly<Record<string, unknown>>;
  /** The item after the transaction; undefined if there is none. */
  readonly item: Readonly<Record<string, unknown>> | undefined;
}

export interface StepFailure {
  /** `error.code`, or `error.name` without a code. */
  readonly code: string;
  readonly message: string;
  /** How often the event's message was received. */
  readonly attempts: number;
  /** Whether the event goes to the DLQ: after the last receive, or because the error is permanent. */
  readonly isFinal: boolean;
  /** The error of the handler or of its commit; undefined if neither was reached. */
  readonly error: unknown;
}

/**
 * - `handled`: the handler ran and its transaction was committed
 * - `skipped`: the handler called `skip`; nothing else of it was committed
 * - `duplicate`: the event was already handled; the handler did not run
 * - `failed`: nothing was written; `failure` has the reason
 * - `waiting`: the event was not attempted, because its group is blocked by an earlier event or another execution
 * processes it
 * - `crashed`: the process crashed, as requested by the test
 */
export type StepKind = 'handled' | 'skipped' | 'duplicate' | 'failed' | 'waiting' | 'crashed';

/** The result of delivering one event to one consumer, with all writes and events that were committed meanwhile. */
export interface StepOutcome {
  readonly kind: StepKind;
  readonly event: CommittedEvent;
  readonly failure: StepFailure | undefined;
  readonly crash: CrashPoint | undefined;
  /** In the order of commits; only writes to the handlers' own tables. */
  readonly writes: readonly CommittedWrite[];
  /** In the order of publishing. */
  readonly events: readonly CommittedEvent[];
  /** The published events of one definition. */
  eventsOf<Definition extends EventDefinition>(definition: Definition): readonly CommittedEvent<Definition>[];
}

export const eventsOf = <Definition extends EventDefinition>(
  events: readonly CommittedEvent[],
  definition: Definition,
): readonly CommittedEvent<Definition>[] =>
  events.filter((event): event is CommittedEvent<Definition> => findEventType([definition], event) !== undefined);
