import type { EventDefinition, SagaRole } from '../../contracts/index.ts';
import type { SagaState, SagaTimer } from './saga-state.ts';

/** What happens to an instance. */
export type SagaInput =
  | { readonly kind: 'event'; readonly type: string; readonly role: SagaRole; readonly data: unknown }
  | { readonly kind: 'timer'; readonly timer: SagaTimer }
  | { readonly kind: 'retry' };

export interface SagaPublication {
  readonly event: EventDefinition;
  readonly data: unknown;
}

/** Why an input changes nothing. */
export type IgnoredReason =
  /** The instance does not exist. */
  | 'unknown-saga'
  /** A start of an instance that began already. */
  | 'started-before'
  /** The same was said before. */
  | 'duplicate'
  /** The step's command was never sent, or its compensation was not yet. */
  | 'not-asked'
  /** The step was given up, and is or was compensated. */
  | 'late'
  /** A refusal of what was done, or the success of a pivot that was refused or called off. */
  | 'contradiction'
  /** The timer was for something that is over. */
  | 'late-timer'
  /** An abort after the pivot, or of what is over or being undone already. */
  | 'too-late'
  /** An operator's retry of an instance that has not failed. */
  | 'nothing-to-retry';

/** What a transition did, for the history. */
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
  /** Nothing but what its migration led to. */
  | 'migrated';

export interface SagaMove {
  readonly kind: 'moved';
  readonly state: SagaState;
  readonly transition: SagaTransition;
  /** The step that it was about. */
  readonly step: string | undefined;
  /** Commands first, in order; an answer last. */
  readonly publications: readonly SagaPublication[];
  /** Timers that did not run before. */
  readonly timers: readonly SagaTimer[];
  /** Timers that nothing waits for any more. */
  readonly cancelled: readonly SagaTimer[];
}

export type SagaDecision = SagaMove | { readonly kind: 'ignored'; readonly reason: IgnoredReason };
