import { sagaTimerDue } from '../definitions/index.ts';
import { type SagaTimers, timerContextOf } from '../saga/index.ts';
import type { EpochMs } from '../shared/time.ts';
import { createInMemorySagaTimers } from './in-memory-saga-timers.ts';
import type { Stage } from './stage.ts';

/** The timers of sagas, on the harness's clock. */
export interface TimerService {
  readonly timers: SagaTimers;
  /** Publishes the timers that are due, each to its saga's group. */
  publishDue(): Promise<void>;
  /** When the next timer is due; undefined if none is running. */
  nextDueAt(): EpochMs | undefined;
}

export function createTimerService({ clock, outbox }: Stage): TimerService {
  const timers = createInMemorySagaTimers();
  return {
    timers,
    async publishDue() {
      for (const timer of timers.due(clock.now() / 1000)) {
        const { saga, tenantId: _tenant, correlationId: _correlation, principal: _principal, ...data } = timer;
        await outbox.transact((tx) => tx.publish(sagaTimerDue(saga), data), timerContextOf(timer));
      }
    },
    nextDueAt() {
      const seconds = timers.running().map(({ dueAtSeconds }) => dueAtSeconds);
      return seconds.length === 0 ? undefined : ((Math.min(...seconds) * 1000) as EpochMs);
    },
  };
}
