import type { Logger } from '@aws-lambda-powertools/logger';
import type { ConstructorOptions, LogItemExtraInput, LogItemMessage } from '@aws-lambda-powertools/logger/types';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC } from '../definitions/index.ts';
import { EventLogger } from '../shared/event-logger.ts';
import type { Tenancy, TenancyAudit } from './tenancy.ts';

/** Logs a warning and adds a metric for each call of `withoutTenant`. */
export const createTelemetryAudit = (logger: Logger, metrics: Metrics): TenancyAudit => ({
  crossTenantWork(reason, atWork) {
    logger.warn('cross-tenant work', { reason, tenant_id: atWork });
    // published immediately: code outside of a handler may not flush metrics
    metrics.singleMetric().addMetric(METRIC.crossTenantWork, MetricUnit.Count, 1);
  },
});

class TenantLogger extends EventLogger {
  /** Undefined during construction, when the logger may already write lines. */
  private readonly currentTenant: Tenancy['currentTenant'] | undefined;

  constructor(currentTenant: Tenancy['currentTenant'], options: ConstructorOptions) {
    super(options);
    this.currentTenant = currentTenant;
  }

  protected override createLogger(options: ConstructorOptions = {}): Logger {
    return new TenantLogger(this.currentTenant ?? (() => undefined), options);
  }

  protected override createAndPopulateLogItem(level: number, message: LogItemMessage, more: LogItemExtraInput) {
    const item = super.createAndPopulateLogItem(level, message, more);
    const tenantId = this.currentTenant?.();
    if (tenantId !== undefined) item.addAttributes({ tenant_id: item.getAttributes()['tenant_id'] ?? tenantId });
    return item;
  }
}

/**
 * Creates a logger that adds `tenant_id` to its lines and those of its children, unless a line already has it.
 */
export const createTenantLogger = (
  { currentTenant }: Pick<Tenancy, 'currentTenant'>,
  options: ConstructorOptions,
): Logger => new TenantLogger(currentTenant, options);
