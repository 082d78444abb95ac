import type { Logger } from '@aws-lambda-powertools/logger';
import type { ConstructorOptions, LogItemExtraInput, LogItemMessage } from '@aws-lambda-powertools/logger/types';
import { EventLogger } from '../shared/event-logger.ts';
import type { Tenancy } from './tenancy.ts';

class TenantLogger extends EventLogger {
  /** Undefined while the logger is being made: it may have something to say already. */
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

/** A logger whose lines, and those of its children, say whose work they were written in, where they do not say it themselves. */
export const createTenantLogger = (
  { currentTenant }: Pick<Tenancy, 'currentTenant'>,
  options: ConstructorOptions,
): Logger => new TenantLogger(currentTenant, options);
