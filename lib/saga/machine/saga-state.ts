import type { SagaFailure, SagaTimerKind } from '../../contracts/index.ts';

/** `running` and `compensating` go on by themselves; `compensation-failed` needs an operator. */
export const SAGA_STATUSES = ['running', 'compensating', 'completed', 'compensated', 'compensation-failed'] as const;

export type SagaStatus = (typeof SAGA_STATUSES)[number];

/** How far a step is; one that is absent was never asked for. `since` is the transition that led here. */
export type StepProgress =
  /** The command is out. */
  | { readonly phase: 'requested'; readonly since: number; readonly attempt: number; readonly dueAtSeconds: number }
  | { readonly phase: 'done'; readonly since: number }
  | { readonly phase: 'refused'; readonly since: number }
  /** Given up with its command out: it may have been done, or be done yet. */
  | { readonly phase: 'in-doubt'; readonly since: number }
  | { readonly phase: 'compensating'; readonly since: number; readonly attempt: number; readonly dueAtSeconds: number }
  /** The compensation failed, and is tried again when its timer is due. */
  | {
      readonly phase: 'compensation-delayed';
      readonly since: number;
      readonly attempt: number;
      readonly dueAtSeconds: number;
    }
  | { readonly phase: 'compensated'; readonly since: number }
  | { readonly phase: 'compensation-failed'; readonly since: number };

export type StepPhase = StepProgress['phase'];

/** What a timer belongs to. */
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

/** What an instance is, but for who it is: all that the machine reads and writes. */
export interface SagaState {
  readonly status: SagaStatus;
  /** Counts the transitions, from 1. */
  readonly revision: number;
  readonly data: unknown;
  /** Index of the stage at work, or of the last one that was. */
  readonly stage: number;
  readonly steps: Readonly<Record<string, StepProgress>>;
  /** Why it is or was undone. */
  readonly failure?: SagaFailure;
  /** The event that asked for an abort while the pivot's outcome was open. */
  readonly abortAsked?: string;
  /** Set with the answer: there is never a second one. */
  readonly answered: boolean;
}

export interface SagaTimer {
  readonly step: string;
  readonly kind: SagaTimerKind;
  readonly attempt: number;
  readonly dueAtSeconds: number;
}

/** Every timer that an instance waits for. */
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
