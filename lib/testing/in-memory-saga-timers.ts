import type { RunningTimer, SagaTimers } from '../saga/ports.ts';
import { timerName } from '../saga/saga-timer.ts';

/** Timers that a test fires. */
export interface InMemorySagaTimers extends SagaTimers {
  /** The running timers, in the order in which they were started. */
  running(): readonly RunningTimer[];
  /** Removes and returns the timers that are due by then, earliest first. */
  due(atSeconds: number): readonly RunningTimer[];
}

export function createInMemorySagaTimers(): InMemorySagaTimers {
  const timers = new Map<string, RunningTimer>();
  return {
    start: async (timer) => void timers.set(timerName(timer), timer),
    stop: async (timer) => void timers.delete(timerName(timer)),
    running: () => [...timers.values()],
    due(atSeconds) {
      const found = [...timers.values()]
        .filter(({ dueAtSeconds }) => dueAtSeconds <= atSeconds)
        .sort((a, b) => a.dueAtSeconds - b.dueAtSeconds);
      for (const timer of found) timers.delete(timerName(timer));
      return found;
    },
  };
}
