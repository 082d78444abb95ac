import { shown, WaybillError } from '../definitions/index.ts';

/** The deployment requires a tenant, but none is given. */
export class TenantMissingError extends WaybillError {
  readonly code = 'TENANT_MISSING';
  override readonly disposition = 'permanent';

  constructor(what: string) {
    super(
      `${what} has no tenant, but this deployment requires one: pass the tenant with the command or the event, or use withoutTenant(reason, work)`,
    );
  }
}

/** Code that runs as one tenant tried to act for another. */
export class TenantMismatchError extends WaybillError {
  readonly code = 'TENANT_MISMATCH';
  override readonly disposition = 'permanent';

  constructor(atWork: string, named: string | undefined) {
    super(
      `cannot act for ${named === undefined ? 'no tenant' : `tenant '${named}'`} while running as tenant '${atWork}': use withoutTenant(reason, work)`,
    );
  }
}

/** The tenant is suspended or unknown. Its events wait until it is active: they never become dead letters for it. */
export class TenantInactiveError extends WaybillError {
  readonly code = 'TENANT_INACTIVE';
  override readonly disposition = 'defer';
  /** Five receives take less than the 15 minutes after which the queue's oldest message raises an alarm. */
  readonly retryAfterSeconds = 120;

  constructor(tenantId: string) {
    super(`tenant '${tenantId}' is not active: its events wait until it is`);
  }
}

/** Whether a tenant is active could not be read, and is not known from before. */
export class TenantUnreadError extends WaybillError {
  readonly code = 'TENANT_UNREAD';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 5;

  constructor(options?: ErrorOptions) {
    super('the directory of tenants cannot be read; try again later', options);
  }
}

/** `withoutTenant` was called without a reason. */
export class TenantReasonError extends WaybillError {
  readonly code = 'TENANT_REASON_MISSING';
  override readonly disposition = 'permanent';

  constructor(reason: unknown) {
    super(`withoutTenant(reason, work) requires a reason, a non-empty string for the audit log, got ${shown(reason)}`);
  }
}

/** A key or an expression is not valid in a tenant's table. Nothing was sent. */
export class TenantKeyError extends WaybillError {
  readonly code = 'TENANT_KEY_INVALID';
  override readonly disposition = 'permanent';
}

/** A query is not valid in a tenant's table. Nothing was sent. */
export class TenantQueryError extends WaybillError {
  readonly code = 'TENANT_QUERY_INVALID';
  override readonly disposition = 'permanent';
}

/** A page token is not valid for this query, table and tenant. */
export class TenantPageError extends WaybillError {
  readonly code = 'TENANT_PAGE_INVALID';

  constructor(tableName: string) {
    super(
      `'after' is not a page token of this query of table '${tableName}': pass the 'next' of the previous page, with the same query and tenant`,
    );
  }
}

/** DynamoDB did not return all requested items, because the table is throttled. The event waits. */
export class TableUnreadError extends WaybillError {
  readonly code = 'TABLE_UNREAD';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 5;

  constructor(tableName: string, unread: number, reads: number) {
    super(
      `${unread} items of table '${tableName}' are missing from each of ${reads} answers: the table is throttled; try again later: if this continues, check the table's throttled requests`,
    );
  }
}

/** The table returned an item of another tenant. It was written without a TenantTable. */
export class TenantItemError extends WaybillError {
  readonly code = 'TENANT_ITEM_FOREIGN';

  constructor(tableName: string, attribute: string) {
    super(
      `table '${tableName}' has an item whose '${attribute}' does not begin with the current tenant: find the code that writes to the table without a TenantTable`,
    );
  }
}

/** An item that was read is not what the table's schema says. */
export class TableItemError extends WaybillError {
  readonly code = 'TABLE_ITEM_INVALID';

  constructor(tableName: string, problems: string) {
    super(`table '${tableName}' has an item that is not valid: ${problems}`);
  }
}

/** A condition of a write failed. Nothing was written. The code is the same as the outbox's. */
export class TableConditionError extends WaybillError {
  readonly code = 'OUTBOX_CONDITION_FAILED';
  override readonly disposition = 'lost-race';

  constructor(index: number, options?: ErrorOptions) {
    super(`the condition of write ${index} failed; nothing was written`, options);
  }
}
