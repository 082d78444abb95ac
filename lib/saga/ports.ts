import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { SagaTimerData } from '../definitions/index.ts';
import type { EventPrincipal } from '../event/index.ts';
import type { Clock } from '../shared/time.ts';
import type { TenantTable } from '../tenancy/index.ts';
import type { SagaItem } from './saga-record.ts';

/** A timer, with everything that its event needs. */
export interface RunningTimer extends SagaTimerData {
  readonly saga: string;
  readonly tenantId: string | undefined;
  readonly correlationId: string;
  /** Who caused the saga; absent if that is not known. */
  readonly principal?: EventPrincipal;
}

/** Starts and stops the timers of sagas. */
export interface SagaTimers {
  /**
   * Once it resolves, the timer's event MUST be published at the due time or later, at least once. MUST succeed if the
   * same timer is already started.
   * @throws SagaTimersUnavailableError `SAGA_TIMERS_UNAVAILABLE` for temporary failures
   */
  start(timer: RunningTimer, signal: AbortSignal): Promise<void>;
  /** Stops a timer. It MAY still fire. MUST succeed if it is already deleted. */
  stop(timer: RunningTimer): Promise<void>;
}

/** The dependencies of a process manager's handlers. */
export interface SagaHandlersDeps {
  /** A table with the schema `SAGAS_TABLE`. */
  readonly table: TenantTable<SagaItem>;
  readonly timers: SagaTimers;
  readonly metrics: { addMetric(...metric: Parameters<Metrics['addMetric']>): unknown };
  readonly clock: Clock;
}
