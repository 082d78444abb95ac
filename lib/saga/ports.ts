import type { SagaTimerData } from '../contracts/index.ts';

/** A timer as it is out there: enough to find its way back. */
export interface RunningTimer extends SagaTimerData {
  readonly saga: string;
  readonly tenantId: string | undefined;
  readonly correlationId: string;
}

/** Who wakes a saga. */
export interface SagaTimers {
  /**
   * MUST have made sure, once it resolves, that the timer's event is published at its time or later, at least once.
   * MUST take the same timer again.
   * @throws SagaTimersUnavailableError `SAGA_TIMERS_UNAVAILABLE` for what passes by itself
   */
  start(timer: RunningTimer, signal: AbortSignal): Promise<void>;
  /** The timer is needed no more: it MAY come all the same. MUST take one that is gone. */
  stop(timer: RunningTimer): Promise<void>;
}
