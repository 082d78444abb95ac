import {
  type SagaDefinition,
  type SagaReply,
  type SagaStart,
  type SagaStep,
  stepsOf,
} from '../../definitions/index.ts';
import type { EpochMs } from '../../shared/time.ts';
import { compensateNext, startCompensation } from './compensation.ts';
import type { SagaDecision } from './decision.ts';
import type { StepPhase } from './saga-state.ts';
import { createTransition, type Transition } from './transition.ts';

export function startSaga(definition: SagaDefinition, start: SagaStart, event: unknown, now: EpochMs): SagaDecision {
  const transition = createTransition(
    definition,
    { status: 'running', revision: 0, data: start.dataOf(event), stage: 0, steps: {}, answered: false },
    now,
  );
  enterStage(transition, 0);
  return transition.moved('started');
}

function enterStage(transition: Transition, stage: number): void {
  transition.setStatus('running', { stage });
  for (const step of transition.definition.stages[stage] ?? []) request(transition, step, 1);
}

function request(transition: Transition, step: SagaStep, attempt: number): void {
  transition.send(step.command);
  transition.wait(step, 'requested', attempt, step.timeoutSeconds);
}

export function succeedStep(transition: Transition, step: SagaStep, reply: SagaReply, event: unknown): SagaDecision {
  const phase = transition.progressOf(step.name)?.phase;
  switch (phase) {
    case 'requested':
      transition.evolve(reply, event);
      transition.setPhase(step, 'done');
      // the pivot succeeded, so an abort that waited for it is too late
      transition.clearFailure();
      advance(transition);
      return transition.moved('step-done', step);
    case 'in-doubt':
      // the reply may contain data that the compensation needs
      transition.evolve(reply, event);
      transition.setPhase(step, 'done');
      return transition.moved('step-done-late', step);
    case 'compensating':
    case 'compensation-delayed':
    case 'compensation-failed':
      return step.pivot ? resumeAfterPivot(transition, step, reply, event) : { kind: 'ignored', reason: 'late' };
    case 'refused':
      return compensateLateSuccess(transition, step, reply, event);
    case 'done':
      return { kind: 'ignored', reason: 'duplicate' };
    case 'compensated':
      return { kind: 'ignored', reason: step.pivot ? 'contradiction' : 'late' };
    case undefined:
      return { kind: 'ignored', reason: 'not-requested' };
  }
}

/** No other step is compensated before the pivot's compensation is confirmed, so nothing has to be reverted. */
function resumeAfterPivot(transition: Transition, step: SagaStep, reply: SagaReply, event: unknown): SagaDecision {
  transition.evolve(reply, event);
  transition.setPhase(step, 'done');
  transition.clearFailure();
  advance(transition);
  return transition.moved('pivot-done-after-all', step);
}

/** A command that was sent twice may be refused and done. Done counts. */
function compensateLateSuccess(transition: Transition, step: SagaStep, reply: SagaReply, event: unknown): SagaDecision {
  if (step.pivot || step.compensation === undefined) return { kind: 'ignored', reason: 'contradiction' };
  transition.evolve(reply, event);
  transition.setPhase(step, 'done');
  compensateNext(transition);
  return transition.moved('step-done-late', step);
}

/** Enters the next stage or completes the saga, if all steps of this stage are done. */
export function advance(transition: Transition): void {
  const { stage } = transition.state();
  const { stages, answers } = transition.definition;
  const isStageDone = (stages[stage] ?? []).every(({ name }) => transition.progressOf(name)?.phase === 'done');
  if (!isStageDone) return;
  if (stage + 1 < stages.length) {
    enterStage(transition, stage + 1);
  } else {
    transition.setStatus('completed', { answered: true });
    if (answers.completed !== undefined) transition.send(answers.completed);
  }
}

export function failStep(
  transition: Transition,
  step: SagaStep,
  { reply, type }: { readonly reply: SagaReply; readonly type: string },
  event: unknown,
): SagaDecision {
  const phase = transition.progressOf(step.name)?.phase;
  switch (phase) {
    case 'requested':
      transition.evolve(reply, event);
      transition.setPhase(step, 'refused');
      startCompensation(transition, { kind: 'refused', step: step.name, eventType: type });
      return transition.moved('step-refused', step);
    case 'in-doubt':
      transition.evolve(reply, event);
      transition.setPhase(step, 'refused');
      return transition.moved('step-refused', step);
    case 'compensating':
    case 'compensation-delayed':
    case 'compensation-failed':
      if (!step.pivot) return { kind: 'ignored', reason: 'late' };
      transition.evolve(reply, event);
      transition.setPhase(step, 'refused');
      compensateNext(transition);
      return transition.moved('step-refused', step);
    case 'refused':
      return { kind: 'ignored', reason: 'duplicate' };
    case 'done':
      return { kind: 'ignored', reason: 'contradiction' };
    case 'compensated':
      return { kind: 'ignored', reason: 'late' };
    case undefined:
      return { kind: 'ignored', reason: 'not-requested' };
  }
}

const pivotOf = ({ definition }: Transition): SagaStep | undefined => stepsOf(definition).find(({ pivot }) => pivot);

/** Undefined if the pivot was not requested yet, or there is none. */
export function pivotPhaseOf(transition: Transition): StepPhase | undefined {
  const pivot = pivotOf(transition);
  return pivot && transition.progressOf(pivot.name)?.phase;
}

export function abort(transition: Transition, type: string, reply: SagaReply, event: unknown): SagaDecision {
  const { status, abortRequested } = transition.state();
  const pivotPhase = pivotPhaseOf(transition);
  if (status !== 'running' || pivotPhase === 'done') return { kind: 'ignored', reason: 'too-late' };
  if (abortRequested !== undefined) return { kind: 'ignored', reason: 'duplicate' };
  transition.evolve(reply, event);
  if (pivotPhase === 'requested') {
    transition.setStatus('running', { abortRequested: type });
    return transition.moved('abort-waits-for-pivot', pivotOf(transition));
  }
  startCompensation(transition, { kind: 'aborted', eventType: type });
  return transition.moved('abort-begun');
}

/** The step timed out: sends its command again, or starts the compensation. */
export function timeOutStep(transition: Transition, step: SagaStep, attempt: number): SagaDecision {
  if (attempt <= step.sendAgain) {
    request(transition, step, attempt + 1);
    return transition.moved('step-sent-again', step);
  }
  startCompensation(transition, { kind: 'timeout', step: step.name });
  return transition.moved('step-given-up', step);
}
