import { SHORTEST_TIMER_SECONDS, stepsOf } from '../../contracts/index.ts';
import { type EpochMs, toEpochSeconds } from '../../shared/time.ts';
import { beginUndoing, undoNext } from './backward.ts';
import { goOn, pivotPhaseOf } from './forward.ts';
import { isSameTimer, PHASE_OF_TIMER, type SagaTimer, timerOf } from './saga-state.ts';
import type { Transition } from './transition.ts';

/**
 * Takes up an instance as its migration left it. A step that waits by another name has no timer yet, and where the step
 * that was under way is no more, no answer takes the instance on.
 * @param running the timers that are out there
 */
export function resume(transition: Transition, running: readonly SagaTimer[], now: EpochMs): void {
  for (const step of stepsOf(transition.definition)) {
    const awaited = timerOf(step.name, transition.progressOf(step.name));
    if (awaited === undefined || running.some((timer) => isSameTimer(timer, awaited))) continue;
    const left = awaited.dueAtSeconds - toEpochSeconds(now);
    transition.wait(step, PHASE_OF_TIMER[awaited.kind], awaited.attempt, Math.max(left, SHORTEST_TIMER_SECONDS));
  }
  const { status, abortAsked } = transition.state();
  if (status === 'running') {
    // the outcome that an abort waited for comes no more
    if (abortAsked !== undefined && pivotPhaseOf(transition) === undefined) {
      beginUndoing(transition, { kind: 'aborted', eventType: abortAsked });
    } else {
      goOn(transition);
    }
  } else if (status === 'compensating' || status === 'compensation-failed') {
    undoNext(transition);
  }
}
