import { SHORTEST_TIMER_SECONDS } from '../../contracts/index.ts';
import { type EpochMs, toEpochSeconds } from '../../shared/time.ts';
import { undoNext } from './backward.ts';
import { goOn } from './forward.ts';
import { isSameTimer, type SagaTimer, timerOf } from './saga-state.ts';
import type { Transition } from './transition.ts';

/**
 * Takes up an instance as its migration left it. A step that waits by another name has no timer yet, and where the step
 * that was under way is no more, no answer takes the instance on.
 * @param running the timers that are out there
 */
export function resume(transition: Transition, running: readonly SagaTimer[], now: EpochMs): void {
  for (const step of transition.stepsIn('requested', 'compensating', 'compensation-delayed')) {
    const progress = transition.progressOf(step.name);
    const awaited = timerOf(step.name, progress);
    if (progress === undefined || !('attempt' in progress) || awaited === undefined) continue;
    if (running.some((timer) => isSameTimer(timer, awaited))) continue;
    const left = awaited.dueAtSeconds - toEpochSeconds(now);
    transition.wait(step, progress.phase, progress.attempt, Math.max(left, SHORTEST_TIMER_SECONDS));
  }
  const { status } = transition.state();
  if (status === 'running') goOn(transition);
  else if (status === 'compensating' || status === 'compensation-failed') undoNext(transition);
}
