import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC } from '../contracts/index.ts';
import { describeThrown } from '../shared/thrown.ts';
import type { BreakerChange, BreakerState } from './breaker.ts';

/** Hears of what a policy does; MUST NOT throw. */
export interface PolicyObserver {
  breakerChanged(system: string, change: BreakerChange): void;
  /** Another try follows in `delayMs`; `tries` have failed. */
  retried(system: string, retry: { readonly tries: number; readonly delayMs: number; readonly error: unknown }): void;
  /** A run is over, answered or with an error. */
  ended(system: string, run: { readonly elapsedMs: number; readonly error: unknown }): void;
}

export interface PolicyTelemetryDeps {
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: Pick<Metrics, 'addMetric' | 'singleMetric'>;
}

/** As `METRIC.breakerState` tells it: an average above 0 means that some container's breaker is not closed. */
const LEVELS: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 0.5, open: 1 };

/** Logs and measures what policies do. Metrics are of the function; the breaker's state also by system. */
export function createPolicyTelemetry({ logger, metrics }: PolicyTelemetryDeps): PolicyObserver {
  return {
    breakerChanged(system, { from, to }) {
      const fields = { external_system: system, breaker_from: from, breaker_to: to };
      if (to === 'open') {
        metrics.addMetric(METRIC.breakersOpened, MetricUnit.Count, 1);
        logger.error('breaker opened: the external system is left alone', fields);
      } else logger.info(`breaker ${to === 'closed' ? 'closed' : 'half open'}`, fields);
      const state = metrics.singleMetric();
      state.addDimension('system', system);
      state.addMetric(METRIC.breakerState, MetricUnit.NoUnit, LEVELS[to]);
    },

    retried(system, { tries, delayMs, error }) {
      metrics.addMetric(METRIC.externalRetries, MetricUnit.Count, 1);
      logger.warn('the external system is called again', {
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
