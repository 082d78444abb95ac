import type { SagaCompensation, SagaFailure, SagaReply, SagaStep } from '../../definitions/index.ts';
import type { SagaDecision } from './decision.ts';
import type { Transition } from './transition.ts';

/** Starts the compensation. Steps that are still requested become in doubt and are compensated too. */
export function startCompensation(transition: Transition, cause: SagaFailure): void {
  const { abortRequested } = transition.state();
  // the abort was requested first and waited for the pivot
  const failure: SagaFailure = abortRequested === undefined ? cause : { kind: 'aborted', eventType: abortRequested };
  transition.setFailure(failure);
  for (const step of transition.stepsIn('requested')) transition.setPhase(step, 'in-doubt');
  compensateNext(transition);
}

/** Sends the next compensation unless one is pending. If none is left, the saga is compensated. */
export function compensateNext(transition: Transition): void {
  if (transition.stepsIn('compensating', 'compensation-delayed').length > 0) return;
  const next = nextCompensation(transition);
  if (transition.stepsIn('compensation-failed').length > 0) {
    transition.setStatus('compensation-failed');
  } else if (next === undefined) {
    endCompensated(transition);
  } else {
    transition.setStatus('compensating');
    compensate(transition, next.step, next.compensation, 1);
  }
}

function endCompensated(transition: Transition): void {
  const { answered, failure } = transition.state();
  const { failed } = transition.definition.answers;
  transition.setStatus('compensated', { answered: true });
  if (!answered && failed !== undefined && failure !== undefined) transition.sendFailure(failed, failure);
}

interface Compensable {
  readonly step: SagaStep;
  readonly compensation: SagaCompensation;
  /** Position in the order of completion. */
  readonly completed: number;
}

/** Reverse order of completion. Steps in doubt come first, as if they had been completed last. */
function nextCompensation(transition: Transition): Compensable | undefined {
  const undoable = transition.stepsIn('done', 'in-doubt').flatMap((step): readonly Compensable[] => {
    const progress = transition.progressOf(step.name);
    if (step.compensation === undefined || progress === undefined) return [];
    const completed = progress.phase === 'in-doubt' ? Number.POSITIVE_INFINITY : progress.since;
    return [{ step, compensation: step.compensation, completed }];
  });
  return undoable.reduce<Compensable | undefined>(
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
        transition.setPhase(step, 'compensated');
        compensateNext(transition);
        return transition.moved('step-compensated', step);
      }
      if (progress.phase !== 'compensating') return { kind: 'ignored', reason: 'duplicate' };
      transition.evolve(reply, event);
      return scheduleRetry(transition, step, progress.attempt);
    case 'compensated':
      return { kind: 'ignored', reason: outcome === 'success' ? 'duplicate' : 'contradiction' };
    default:
      return { kind: 'ignored', reason: 'not-requested' };
  }
}

/** The compensation was refused: retries it after a delay, unless this was the last attempt. */
function scheduleRetry(transition: Transition, step: SagaStep, attempt: number): SagaDecision {
  const { compensation } = step;
  if (compensation === undefined || attempt >= compensation.maxAttempts) return failCompensation(transition, step);
  transition.wait(step, 'compensation-delayed', attempt, compensation.retryDelaySeconds);
  return transition.moved('compensation-refused', step);
}

/** The compensation timed out, or its next attempt is due. */
export function retryCompensation(transition: Transition, step: SagaStep, attempt: number): SagaDecision {
  const { compensation } = step;
  if (compensation === undefined || attempt >= compensation.maxAttempts) return failCompensation(transition, step);
  compensate(transition, step, compensation, attempt + 1);
  return transition.moved('compensation-sent-again', step);
}

/**
 * Does not compensate earlier steps: the failed step may depend on them.
 */
function failCompensation(transition: Transition, step: SagaStep): SagaDecision {
  transition.setPhase(step, 'compensation-failed');
  transition.setStatus('compensation-failed');
  return transition.moved('compensation-failed', step);
}

/** Retries a failed compensation, after an operator fixed its cause. */
export function retryFailed(transition: Transition): SagaDecision {
  const [step] = transition.stepsIn('compensation-failed');
  if (step?.compensation === undefined) return { kind: 'ignored', reason: 'nothing-to-retry' };
  transition.setStatus('compensating');
  compensate(transition, step, step.compensation, 1);
  return transition.moved('compensation-retried', step);
}
