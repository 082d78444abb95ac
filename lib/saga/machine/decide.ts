import {
  type SagaDefinition,
  type SagaRole,
  type SagaTimerKind,
  SHORTEST_TIMER_SECONDS,
  stepsOf,
} from '../../definitions/index.ts';
import { type EpochMs, toEpochSeconds } from '../../shared/time.ts';
import {
  answerCompensation,
  compensateNext,
  retryCompensation,
  retryFailed,
  startCompensation,
} from './compensation.ts';
import type { SagaDecision, SagaInput } from './decision.ts';
import { isSameTimer, PHASE_OF_TIMER, type SagaState, type SagaTimer, timerOf } from './saga-state.ts';
import { abort, advance, failStep, pivotPhaseOf, startSaga, succeedStep, timeOutStep } from './steps.ts';
import { createTransition, type Transition } from './transition.ts';

/**
 * Decides how an input changes an instance. Pure, except for the declaration's own functions.
 * @param state undefined if the instance does not exist
 * @param now the time from which timers are calculated
 * @param migratedFrom the timers that the instance had before a migration
 */
export function decide(
  definition: SagaDefinition,
  state: SagaState | undefined,
  input: SagaInput,
  now: EpochMs,
  migratedFrom?: readonly SagaTimer[],
): SagaDecision {
  if (state === undefined) {
    const isStart = input.kind === 'event' && input.role.kind === 'start';
    return isStart ? startSaga(definition, input.role.start, input.data, now) : ignored('unknown-saga');
  }
  const transition = createTransition(definition, state, now, migratedFrom);
  if (migratedFrom === undefined) return apply(transition, input);
  resume(transition, migratedFrom, now);
  const decision = apply(transition, input);
  if (decision.kind === 'moved') return decision;
  const resumed = transition.moved('migrated');
  const isChanged = resumed.timers.length + resumed.publications.length > 0 || resumed.state.status !== state.status;
  return isChanged ? resumed : decision;
}

function apply(transition: Transition, input: SagaInput): SagaDecision {
  switch (input.kind) {
    case 'timer':
      return handleTimer(transition, input.timer);
    case 'retry':
      return retryFailed(transition);
    case 'event':
      return handleEvent(transition, input.type, input.role, input.data);
  }
}

function handleEvent(transition: Transition, type: string, role: SagaRole, data: unknown): SagaDecision {
  switch (role.kind) {
    case 'start':
      return ignored('started-before');
    case 'abort':
      return abort(transition, type, role.reply, data);
    case 'reply': {
      const { step, to, outcome, reply } = role;
      if (to === 'compensation') return answerCompensation(transition, step, outcome, reply, data);
      return outcome === 'success'
        ? succeedStep(transition, step, reply, data)
        : failStep(transition, step, { reply, type }, data);
    }
  }
}

const ON_TIMER: Readonly<Record<SagaTimerKind, typeof timeOutStep>> = {
  step: timeOutStep,
  compensation: retryCompensation,
  'compensation-retry': retryCompensation,
};

function handleTimer(transition: Transition, timer: SagaTimer): SagaDecision {
  const step = stepsOf(transition.definition).find(({ name }) => name === timer.step);
  const awaited = timerOf(timer.step, transition.progressOf(timer.step));
  // compared with the state, never with a clock: clocks differ
  const isAwaited =
    awaited?.kind === timer.kind && awaited.attempt === timer.attempt && awaited.dueAtSeconds === timer.dueAtSeconds;
  return step === undefined || !isAwaited
    ? ignored('late-timer')
    : ON_TIMER[timer.kind](transition, step, timer.attempt);
}

const ignored = (reason: Extract<SagaDecision, { kind: 'ignored' }>['reason']): SagaDecision => ({
  kind: 'ignored',
  reason,
});

/**
 * Continues an instance after a migration. Starts timers for renamed steps, and advances the instance if the requested
 * step was removed.
 * @param running the timers that are already started
 */
function resume(transition: Transition, running: readonly SagaTimer[], now: EpochMs): void {
  for (const step of stepsOf(transition.definition)) {
    const awaited = timerOf(step.name, transition.progressOf(step.name));
    if (awaited === undefined || running.some((timer) => isSameTimer(timer, awaited))) continue;
    const left = awaited.dueAtSeconds - toEpochSeconds(now);
    transition.wait(step, PHASE_OF_TIMER[awaited.kind], awaited.attempt, Math.max(left, SHORTEST_TIMER_SECONDS));
  }
  const { status, abortRequested } = transition.state();
  if (status === 'running') {
    // the abort waited for the pivot, which the new version does not have
    if (abortRequested !== undefined && pivotPhaseOf(transition) === undefined) {
      startCompensation(transition, { kind: 'aborted', eventType: abortRequested });
    } else {
      advance(transition);
    }
  } else if (status === 'compensating' || status === 'compensation-failed') {
    compensateNext(transition);
  }
}
