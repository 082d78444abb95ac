import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { SagaTimerData } from '../contracts/index.ts';
import type { Clock } from '../shared/time.ts';
import type { TenantTable } from '../tenancy/index.ts';
import type { SagaItem } from './saga-record.ts';

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

/** What a process manager's handlers stand on. */
export interface SagaHandlersDeps {
  /** Of the schema `SAGAS_TABLE`. */
  readonly table: TenantTable<SagaItem>;
  readonly timers: SagaTimers;
  readonly metrics: { addMetric(...metric: Parameters<Metrics['addMetric']>): unknown };
  readonly clock: Clock;
}
