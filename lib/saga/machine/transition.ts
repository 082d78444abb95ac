import {
  ownMember,
  type SagaCommand,
  type SagaDefinition,
  type SagaFailure,
  type SagaFailureCommand,
  type SagaReply,
  type SagaStep,
  stepsOf,
} from '../../contracts/index.ts';
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

/** One transition of an instance while it is being put together. */
export interface Transition {
  readonly definition: SagaDefinition;
  /** As it stands by now. */
  state(): SagaState;
  progressOf(step: string): StepProgress | undefined;
  /** Which of the steps are in one of these phases, in order of declaration. */
  stepsIn(...phases: readonly StepPhase[]): readonly SagaStep[];
  evolve(reply: SagaReply, event: unknown): void;
  settle(step: SagaStep, phase: Exclude<StepPhase, WaitingPhase>): void;
  /** The step waits for an answer, or for its next attempt. */
  wait(step: SagaStep, phase: WaitingPhase, attempt: number, seconds: number): void;
  become(status: SagaStatus, change?: Partial<Pick<SagaState, 'stage' | 'abortAsked' | 'answered'>>): void;
  /** Why all that was done is undone. */
  blame(failure: SagaFailure): void;
  /** The pivot succeeded: nothing is undone. */
  forgive(): void;
  send(command: SagaCommand): void;
  sendFailure(command: SagaFailureCommand, failure: SagaFailure): void;
  moved(transition: SagaTransition, step?: SagaStep): SagaMove;
}

/** @param running the timers that are out there, where those are others than `before` waits for */
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
    settle: (step, phase) => mark(step, { phase, since: state.revision }),
    wait: (step, phase, attempt, seconds) =>
      mark(step, { phase, since: state.revision, attempt, dueAtSeconds: toEpochSeconds(now) + seconds }),
    become(status, change = {}) {
      state = { ...state, ...change, status };
    },
    blame(failure) {
      state = { ...state, failure };
    },
    forgive() {
      const { failure: _forgiven, abortAsked: _overtaken, ...rest } = state;
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
