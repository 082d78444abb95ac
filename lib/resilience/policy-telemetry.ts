import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC } from '../definitions/index.ts';
import { describeThrown } from '../shared/thrown.ts';
import type { BreakerChange, BreakerState } from './breaker.ts';

/** Observes a policy. MUST NOT throw. */
export interface PolicyObserver {
  breakerChanged(system: string, change: BreakerChange): void;
  /** The next attempt starts in `delayMs`; `tries` attempts have failed. */
  retried(system: string, retry: { readonly tries: number; readonly delayMs: number; readonly error: unknown }): void;
  /** A run has ended, with a result or an error. */
  ended(system: string, run: { readonly elapsedMs: number; readonly error: unknown }): void;
}

export interface PolicyTelemetryDeps {
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: Pick<Metrics, 'addMetric' | 'singleMetric'>;
}

/** Values of `METRIC.breakerState`. An average above 0 means that a breaker is not closed in some container. */
const LEVELS: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 0.5, open: 1 };

/** Logs and measures policies. Metrics are per function; the breaker's state is also per system. */
export function createPolicyTelemetry({ logger, metrics }: PolicyTelemetryDeps): PolicyObserver {
  return {
    breakerChanged(system, { from, to }) {
      const fields = { external_system: system, breaker_from: from, breaker_to: to };
      if (to === 'open') {
        metrics.addMetric(METRIC.breakersOpened, MetricUnit.Count, 1);
        logger.error('breaker opened: calls to the external system are refused', fields);
      } else logger.info(`breaker ${to === 'closed' ? 'closed' : 'half open'}`, fields);
      const state = metrics.singleMetric();
      state.addDimension('system', system);
      state.addMetric(METRIC.breakerState, MetricUnit.NoUnit, LEVELS[to]);
    },

    retried(system, { tries, delayMs, error }) {
      metrics.addMetric(METRIC.externalRetries, MetricUnit.Count, 1);
      logger.warn('retrying the call to the external system', {
        external_system: system,
        tries,
        delay_ms: Math.round(delayMs),
        error_code: describeThrown(error).code,
      });
    },

    ended(_system, { elapsedMs, error }) {
      metrics.addMetric(METRIC.externalCallTime, MetricUnit.Milliseconds, elapsedMs);
      if (error !== undefined) metrics.addMetric(METRIC.externalFailures, MetricUnit.Count, 1);
    },
  };
}
