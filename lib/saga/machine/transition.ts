import {
  ownMember,
  type SagaCommand,
  type SagaDefinition,
  type SagaFailure,
  type SagaFailureCommand,
  type SagaReply,
  type SagaStep,
  stepsOf,
} from '../../definitions/index.ts';
import { type EpochMs, toEpochSeconds } from '../../shared/time.ts';
import type { SagaMove, SagaPublication, SagaTransition } from './decision.ts';
import {
  isSameTimer,
  type SagaState,
  type SagaStatus,
  type SagaTimer,
  type StepPhase,
  type StepProgress,
  timersOf,
  type WaitingPhase,
} from './saga-state.ts';

/** Builds one transition of an instance. */
export interface Transition {
  readonly definition: SagaDefinition;
  /** The state so far. */
  state(): SagaState;
  progressOf(step: string): StepProgress | undefined;
  /** The steps in one of these phases, in order of declaration. */
  stepsIn(...phases: readonly StepPhase[]): readonly SagaStep[];
  evolve(reply: SagaReply, event: unknown): void;
  setPhase(step: SagaStep, phase: Exclude<StepPhase, WaitingPhase>): void;
  /** Sets a phase with a timer. */
  wait(step: SagaStep, phase: WaitingPhase, attempt: number, seconds: number): void;
  setStatus(status: SagaStatus, change?: Partial<Pick<SagaState, 'stage' | 'abortRequested' | 'answered'>>): void;
  /** Sets the reason of the compensation. */
  setFailure(failure: SagaFailure): void;
  /** Clears the failure and a requested abort, because the pivot succeeded. */
  clearFailure(): void;
  send(command: SagaCommand): void;
  sendFailure(command: SagaFailureCommand, failure: SagaFailure): void;
  moved(transition: SagaTransition, step?: SagaStep): SagaMove;
}

/** @param running the timers that are already started, if they differ from those of `before` */
export function createTransition(
  definition: SagaDefinition,
  before: SagaState,
  now: EpochMs,
  running: readonly SagaTimer[] = timersOf(before),
): Transition {
  let state: SagaState = { ...before, revision: before.revision + 1 };
  const publications: SagaPublication[] = [];
  const progressOf = (step: string): StepProgress | undefined => ownMember(state.steps, step);
  const mark = (step: SagaStep, progress: StepProgress) => {
    state = { ...state, steps: { ...state.steps, [step.name]: progress } };
  };

  return {
    definition,
    state: () => state,
    progressOf,
    stepsIn: (...phases) =>
      stepsOf(definition).filter(({ name }) => phases.some((phase) => phase === progressOf(name)?.phase)),
    evolve(reply, event) {
      state = { ...state, data: reply.evolve(state.data, event) };
    },
    setPhase: (step, phase) => mark(step, { phase, since: state.revision }),
    wait: (step, phase, attempt, seconds) =>
      mark(step, { phase, since: state.revision, attempt, dueAtSeconds: toEpochSeconds(now) + seconds }),
    setStatus(status, change = {}) {
      state = { ...state, ...change, status };
    },
    setFailure(failure) {
      state = { ...state, failure };
    },
    clearFailure() {
      const { failure: _failure, abortRequested: _abort, ...rest } = state;
      state = rest;
    },
    send: (command) => void publications.push({ event: command.event, data: command.dataOf(state.data) }),
    sendFailure: (command, failure) =>
      void publications.push({ event: command.event, data: command.dataOf(state.data, failure) }),
    moved(transition, step) {
      const awaited = timersOf(state);
      return {
        kind: 'moved',
        state,
        transition,
        step: step?.name,
        publications,
        timers: awaited.filter((timer) => !running.some((other) => isSameTimer(timer, other))),
        cancelled: running.filter((timer) => !awaited.some((other) => isSameTimer(timer, other))),
      };
    },
  };
}
