import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRIC_NAMESPACE } from '../definitions/index.ts';

export const createSilentLogger = (serviceName: string): Logger => new Logger({ serviceName, logLevel: 'SILENT' });

/** Metrics that are validated as usual, but not written. */
export function createSilentMetrics(serviceName: string): Metrics {
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName });
  metrics.publishStoredMetrics = () => {
    metrics.clearMetrics();
    return metrics;
  };
  metrics.singleMetric = () => createSilentMetrics(serviceName);
  return metrics;
}
