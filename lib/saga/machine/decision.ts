import type { EventDefinition, SagaRole } from '../../definitions/index.ts';
import type { SagaState, SagaTimer } from './saga-state.ts';

/** An input of an instance. */
export type SagaInput =
  | { readonly kind: 'event'; readonly type: string; readonly role: SagaRole; readonly data: unknown }
  | { readonly kind: 'timer'; readonly timer: SagaTimer }
  | { readonly kind: 'retry' };

export interface SagaPublication {
  readonly event: EventDefinition;
  readonly data: unknown;
}

/** Why an input is ignored. */
export type IgnoredReason =
  /** The instance does not exist. */
  | 'unknown-saga'
  /** A start event of an instance that exists already. */
  | 'started-before'
  /** The same reply was processed before. */
  | 'duplicate'
  /** The command of the step or of its compensation was not sent. */
  | 'not-requested'
  /** The step timed out, and is or was compensated. */
  | 'late'
  /** A refusal of a step that is done, or a success of a pivot that was refused or compensated. */
  | 'contradiction'
  /** The timer is no longer awaited. */
  | 'late-timer'
  /** An abort after the pivot, or of a saga that has ended or is being compensated. */
  | 'too-late'
  /** An operator's retry of an instance without a failed compensation. */
  | 'nothing-to-retry';

/** The kind of a transition, for the history. */
export type SagaTransition =
  | 'started'
  | 'step-done'
  | 'step-refused'
  | 'step-sent-again'
  | 'step-given-up'
  | 'step-done-late'
  | 'abort-begun'
  | 'abort-waits-for-pivot'
  | 'pivot-done-after-all'
  | 'step-compensated'
  | 'compensation-refused'
  | 'compensation-sent-again'
  | 'compensation-failed'
  | 'compensation-retried'
  /** The transition contains only the consequences of a migration. */
  | 'migrated';

export interface SagaMove {
  readonly kind: 'moved';
  readonly state: SagaState;
  readonly transition: SagaTransition;
  /** The step that the transition is about. */
  readonly step: string | undefined;
  /** Commands first, in order, then the answer. */
  readonly publications: readonly SagaPublication[];
  /** Timers to start. */
  readonly timers: readonly SagaTimer[];
  /** Timers to stop. */
  readonly cancelled: readonly SagaTimer[];
}

export type SagaDecision = SagaMove | { readonly kind: 'ignored'; readonly reason: IgnoredReason };
