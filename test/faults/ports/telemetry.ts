import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';

const silent = () => undefined;

/** Powertools' own take longer to build than a whole run takes, and nobody reads their lines here. */
export const silentLogger = {
  addContext: silent,
  appendKeys: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  createChild: () => silentLogger,
} as unknown as Logger;

export const silentMetrics = { addMetric: silent, publishStoredMetrics: silent } as unknown as Metrics;
