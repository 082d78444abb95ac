import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC } from '../contracts/index.ts';
import type { TenancyAudit } from './tenancy.ts';

/** A warning in the log, and a metric, for each time that work leaves its tenant. */
export const createTelemetryAudit = (logger: Logger, metrics: Metrics): TenancyAudit => ({
  crossTenantWork(reason, atWork) {
    logger.warn('cross-tenant work', { reason, tenant_id: atWork });
    // at once: whoever works without a tenant may have nobody who flushes for it
    metrics.singleMetric().addMetric(METRIC.crossTenantWork, MetricUnit.Count, 1);
  },
});
