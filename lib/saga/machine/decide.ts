import type { SagaDefinition, SagaRole, SagaTimerKind } from '../../contracts/index.ts';
import { stepsOf } from '../../contracts/index.ts';
import type { EpochMs } from '../../shared/time.ts';
import { answerCompensation, retryFailed, tryCompensationAgain } from './backward.ts';
import type { SagaDecision, SagaInput } from './decision.ts';
import { abort, failStep, giveUpOrSendAgain, startSaga, succeedStep } from './forward.ts';
import { resume } from './resume.ts';
import { type SagaState, type SagaTimer, timerOf } from './saga-state.ts';
import { createTransition, type Transition } from './transition.ts';

/**
 * The process manager: what an input makes of an instance. Pure, apart from the declaration's own functions.
 * @param state undefined where there is no such instance
 * @param now what timers count from
 * @param migratedFrom what the instance waited for before a migration gave it this state
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
      return fire(transition, input.timer);
    case 'retry':
      return retryFailed(transition);
    case 'event':
      return take(transition, input.type, input.role, input.data);
  }
}

function take(transition: Transition, type: string, role: SagaRole, data: unknown): SagaDecision {
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

const ON_TIMER: Readonly<Record<SagaTimerKind, typeof giveUpOrSendAgain>> = {
  step: giveUpOrSendAgain,
  compensation: tryCompensationAgain,
  'compensation-retry': tryCompensationAgain,
};

function fire(transition: Transition, timer: SagaTimer): SagaDecision {
  const step = stepsOf(transition.definition).find(({ name }) => name === timer.step);
  const awaited = timerOf(timer.step, transition.progressOf(timer.step));
  // compared with what the instance waits for, never with a clock: no two clocks agree
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
