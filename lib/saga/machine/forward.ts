import { type SagaDefinition, type SagaReply, type SagaStart, type SagaStep, stepsOf } from '../../contracts/index.ts';
import type { EpochMs } from '../../shared/time.ts';
import { beginUndoing, undoNext } from './backward.ts';
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
  transition.become('running', { stage });
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
      transition.settle(step, 'done');
      // the outcome that an abort waited for: it came too late
      transition.forgive();
      goOn(transition);
      return transition.moved('step-done', step);
    case 'in-doubt':
      // what its compensation needs to know may have come with it
      transition.evolve(reply, event);
      transition.settle(step, 'done');
      return transition.moved('step-done-late', step);
    case 'compensating':
    case 'compensation-delayed':
    case 'compensation-failed':
      return step.pivot ? goForwardAgain(transition, step, reply, event) : { kind: 'ignored', reason: 'late' };
    case 'refused':
      return undoAfterAll(transition, step, reply, event);
    case 'done':
      return { kind: 'ignored', reason: 'duplicate' };
    case 'compensated':
      return { kind: 'ignored', reason: step.pivot ? 'contradiction' : 'late' };
    case undefined:
      return { kind: 'ignored', reason: 'not-asked' };
  }
}

/** Nothing else is undone before the pivot's own calling-off is confirmed, so there is nothing to take back. */
function goForwardAgain(transition: Transition, step: SagaStep, reply: SagaReply, event: unknown): SagaDecision {
  transition.evolve(reply, event);
  transition.settle(step, 'done');
  transition.forgive();
  goOn(transition);
  return transition.moved('pivot-done-after-all', step);
}

/** A command that was sent more than once can be refused and done: what counts is that it was done. */
function undoAfterAll(transition: Transition, step: SagaStep, reply: SagaReply, event: unknown): SagaDecision {
  if (step.pivot || step.compensation === undefined) return { kind: 'ignored', reason: 'contradiction' };
  transition.evolve(reply, event);
  transition.settle(step, 'done');
  undoNext(transition);
  return transition.moved('step-done-late', step);
}

/** Enters the next stage, or ends the saga, where all of this one is done. */
export function goOn(transition: Transition): void {
  const { stage } = transition.state();
  const { stages, answers } = transition.definition;
  const isStageDone = (stages[stage] ?? []).every(({ name }) => transition.progressOf(name)?.phase === 'done');
  if (!isStageDone) return;
  if (stage + 1 < stages.length) {
    enterStage(transition, stage + 1);
  } else {
    transition.become('completed', { answered: true });
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
      transition.settle(step, 'refused');
      beginUndoing(transition, { kind: 'refused', step: step.name, eventType: type });
      return transition.moved('step-refused', step);
    case 'in-doubt':
      transition.evolve(reply, event);
      transition.settle(step, 'refused');
      return transition.moved('step-refused', step);
    case 'compensating':
    case 'compensation-delayed':
    case 'compensation-failed':
      if (!step.pivot) return { kind: 'ignored', reason: 'late' };
      transition.evolve(reply, event);
      transition.settle(step, 'refused');
      undoNext(transition);
      return transition.moved('step-refused', step);
    case 'refused':
      return { kind: 'ignored', reason: 'duplicate' };
    case 'done':
      return { kind: 'ignored', reason: 'contradiction' };
    case 'compensated':
      return { kind: 'ignored', reason: 'late' };
    case undefined:
      return { kind: 'ignored', reason: 'not-asked' };
  }
}

const pivotOf = ({ definition }: Transition): SagaStep | undefined => stepsOf(definition).find(({ pivot }) => pivot);

/** Undefined where the pivot was not asked for yet, or there is none. */
export function pivotPhaseOf(transition: Transition): StepPhase | undefined {
  const pivot = pivotOf(transition);
  return pivot && transition.progressOf(pivot.name)?.phase;
}

export function abort(transition: Transition, type: string, reply: SagaReply, event: unknown): SagaDecision {
  const { status, abortAsked } = transition.state();
  const pivotPhase = pivotPhaseOf(transition);
  if (status !== 'running' || pivotPhase === 'done') return { kind: 'ignored', reason: 'too-late' };
  if (abortAsked !== undefined) return { kind: 'ignored', reason: 'duplicate' };
  transition.evolve(reply, event);
  if (pivotPhase === 'requested') {
    transition.become('running', { abortAsked: type });
    return transition.moved('abort-waits-for-pivot', pivotOf(transition));
  }
  beginUndoing(transition, { kind: 'aborted', eventType: type });
  return transition.moved('abort-begun');
}

/** The step was not answered in time. */
export function giveUpOrSendAgain(transition: Transition, step: SagaStep, attempt: number): SagaDecision {
  if (attempt <= step.sendAgain) {
    request(transition, step, attempt + 1);
    return transition.moved('step-sent-again', step);
  }
  beginUndoing(transition, { kind: 'timeout', step: step.name });
  return transition.moved('step-given-up', step);
}
