import type { SagaCompensation, SagaFailure, SagaReply, SagaStep } from '../../contracts/index.ts';
import type { SagaDecision } from './decision.ts';
import type { Transition } from './transition.ts';

/** From here on the saga is undone; what was still under way is in doubt, and undone as well. */
export function beginUndoing(transition: Transition, cause: SagaFailure): void {
  const { abortAsked } = transition.state();
  // the abort was first: it only waited for the pivot
  const failure: SagaFailure = abortAsked === undefined ? cause : { kind: 'aborted', eventType: abortAsked };
  transition.blame(failure);
  for (const step of transition.stepsIn('requested')) transition.settle(step, 'in-doubt');
  undoNext(transition);
}

/** Sends the next compensation, unless one is under way; where none is left the saga is compensated. */
export function undoNext(transition: Transition): void {
  if (transition.stepsIn('compensating', 'compensation-delayed').length > 0) return;
  const next = nextToUndo(transition);
  if (transition.stepsIn('compensation-failed').length > 0) {
    transition.become('compensation-failed');
  } else if (next === undefined) {
    endCompensated(transition);
  } else {
    transition.become('compensating');
    compensate(transition, next.step, next.compensation, 1);
  }
}

function endCompensated(transition: Transition): void {
  const { answered, failure } = transition.state();
  const { failed } = transition.definition.answers;
  transition.become('compensated', { answered: true });
  if (!answered && failed !== undefined && failure !== undefined) transition.sendFailure(failed, failure);
}

interface Undoable {
  readonly step: SagaStep;
  readonly compensation: SagaCompensation;
  /** Position in the order of completion. */
  readonly completed: number;
}

/** In reverse order of completion; what is in doubt would have been completed last. */
function nextToUndo(transition: Transition): Undoable | undefined {
  const undoable = transition.stepsIn('done', 'in-doubt').flatMap((step): readonly Undoable[] => {
    const progress = transition.progressOf(step.name);
    if (step.compensation === undefined || progress === undefined) return [];
    const completed = progress.phase === 'in-doubt' ? Number.POSITIVE_INFINITY : progress.since;
    return [{ step, compensation: step.compensation, completed }];
  });
  return undoable.reduce<Undoable | undefined>(
    (last, each) => (last === undefined || each.completed >= last.completed ? each : last),
    undefined,
  );
}

function compensate(
  transition: Transition,
  step: SagaStep,
  { command, timeoutSeconds }: SagaCompensation,
  attempt: number,
): void {
  const { failure } = transition.state();
  if (failure !== undefined) transition.sendFailure(command, failure);
  transition.wait(step, 'compensating', attempt, timeoutSeconds);
}

export function answerCompensation(
  transition: Transition,
  step: SagaStep,
  outcome: 'success' | 'failure',
  reply: SagaReply,
  event: unknown,
): SagaDecision {
  const progress = transition.progressOf(step.name);
  switch (progress?.phase) {
    case 'compensating':
    case 'compensation-delayed':
    case 'compensation-failed':
      if (outcome === 'success') {
        transition.evolve(reply, event);
        transition.settle(step, 'compensated');
        undoNext(transition);
        return transition.moved('step-compensated', step);
      }
      if (progress.phase !== 'compensating') return { kind: 'ignored', reason: 'duplicate' };
      transition.evolve(reply, event);
      return tryLater(transition, step, progress.attempt);
    case 'compensated':
      return { kind: 'ignored', reason: outcome === 'success' ? 'duplicate' : 'contradiction' };
    default:
      return { kind: 'ignored', reason: 'not-asked' };
  }
}

/** The compensation was refused: its next attempt comes after a while, unless it was the last. */
function tryLater(transition: Transition, step: SagaStep, attempt: number): SagaDecision {
  const { compensation } = step;
  if (compensation === undefined || attempt >= compensation.maxAttempts) return failForGood(transition, step);
  transition.wait(step, 'compensation-delayed', attempt, compensation.retryDelaySeconds);
  return transition.moved('compensation-refused', step);
}

/** The compensation was not answered in time, or its next attempt is due. */
export function tryCompensationAgain(transition: Transition, step: SagaStep, attempt: number): SagaDecision {
  const { compensation } = step;
  if (compensation === undefined || attempt >= compensation.maxAttempts) return failForGood(transition, step);
  compensate(transition, step, compensation, attempt + 1);
  return transition.moved('compensation-sent-again', step);
}

/** What comes before it in order of completion stays as it is: undoing that first could break what this one stands on. */
function failForGood(transition: Transition, step: SagaStep): SagaDecision {
  transition.settle(step, 'compensation-failed');
  transition.become('compensation-failed');
  return transition.moved('compensation-failed', step);
}

/** An operator mended what kept a compensation from working. */
export function retryFailed(transition: Transition): SagaDecision {
  const [step] = transition.stepsIn('compensation-failed');
  if (step?.compensation === undefined) return { kind: 'ignored', reason: 'nothing-to-retry' };
  transition.become('compensating');
  compensate(transition, step, step.compensation, 1);
  return transition.moved('compensation-retried', step);
}
