import type { SagaFailure, SagaTimerKind } from '../../definitions/index.ts';

/** The statuses of an instance. `compensation-failed` requires an operator. */
export const SAGA_STATUSES = ['running', 'compensating', 'completed', 'compensated', 'compensation-failed'] as const;

export type SagaStatus = (typeof SAGA_STATUSES)[number];

/** The progress of a step; absent if it was never requested. `since` is the revision of the transition that set it. */
export type StepProgress =
  /** The command was sent. */
  | { readonly phase: 'requested'; readonly since: number; readonly attempt: number; readonly dueAtSeconds: number }
  | { readonly phase: 'done'; readonly since: number }
  | { readonly phase: 'refused'; readonly since: number }
  /** The command was sent but not answered: the step may be done now or later. */
  | { readonly phase: 'in-doubt'; readonly since: number }
  | { readonly phase: 'compensating'; readonly since: number; readonly attempt: number; readonly dueAtSeconds: number }
  /** The compensation was refused and is retried when its timer is due. */
  | {
      readonly phase: 'compensation-delayed';
      readonly since: number;
      readonly attempt: number;
      readonly dueAtSeconds: number;
    }
  | { readonly phase: 'compensated'; readonly since: number }
  | { readonly phase: 'compensation-failed'; readonly since: number };

export type StepPhase = StepProgress['phase'];

/** The phases that have a timer. */
export type WaitingPhase = Extract<StepProgress, { readonly dueAtSeconds: number }>['phase'];

export const STEP_PHASES = [
  'requested',
  'done',
  'refused',
  'in-doubt',
  'compensating',
  'compensation-delayed',
  'compensated',
  'compensation-failed',
] as const satisfies readonly StepPhase[];

/** The state of an instance without its identity: everything that `decide` reads and writes. */
export interface SagaState {
  readonly status: SagaStatus;
  /** Counts the transitions, from 1. */
  readonly revision: number;
  readonly data: unknown;
  /** Index of the current or last stage. */
  readonly stage: number;
  readonly steps: Readonly<Record<string, StepProgress>>;
  /** Why it is or was compensated. */
  readonly failure?: SagaFailure;
  /** Type of the event that requested an abort while the pivot was pending. */
  readonly abortRequested?: string;
  /** True after the answer was published, so that it is published once. */
  readonly answered: boolean;
}

export interface SagaTimer {
  readonly step: string;
  readonly kind: SagaTimerKind;
  readonly attempt: number;
  readonly dueAtSeconds: number;
}

/** All timers that an instance waits for. */
export const timersOf = ({ steps }: Pick<SagaState, 'steps'>): readonly SagaTimer[] =>
  Object.entries(steps).flatMap(([name, progress]) => timerOf(name, progress) ?? []);

export const isSameTimer = (a: SagaTimer, b: SagaTimer): boolean =>
  a.step === b.step && a.kind === b.kind && a.attempt === b.attempt && a.dueAtSeconds === b.dueAtSeconds;

export const PHASE_OF_TIMER: Readonly<Record<SagaTimerKind, WaitingPhase>> = {
  step: 'requested',
  compensation: 'compensating',
  'compensation-retry': 'compensation-delayed',
};

/** The timer that a step in this phase waits for. */
export function timerOf(step: string, progress: StepProgress | undefined): SagaTimer | undefined {
  switch (progress?.phase) {
    case 'requested':
      return timer(step, 'step', progress);
    case 'compensating':
      return timer(step, 'compensation', progress);
    case 'compensation-delayed':
      return timer(step, 'compensation-retry', progress);
    default:
      return undefined;
  }
}

const timer = (
  step: string,
  kind: SagaTimerKind,
  { attempt, dueAtSeconds }: { readonly attempt: number; readonly dueAtSeconds: number },
): SagaTimer => ({ step, kind, attempt, dueAtSeconds });
