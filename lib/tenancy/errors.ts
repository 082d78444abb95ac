import { shown, WaybillError } from '../contracts/index.ts';

/** Something was about to be opened that belongs to a tenant, and nobody says to which. */
export class TenantMissingError extends WaybillError {
  readonly code = 'TENANT_MISSING';
  override readonly disposition = 'permanent';

  constructor(what: string) {
    super(
      `${what} names no tenant, and this deployment requires one: pass the tenant with the command or the event, or say withoutTenant(reason, work) where the work is for no tenant`,
    );
  }
}

/** Work of one tenant names another. */
export class TenantMismatchError extends WaybillError {
  readonly code = 'TENANT_MISMATCH';
  override readonly disposition = 'permanent';

  constructor(atWork: string, named: string | undefined) {
    super(
      `tenant '${atWork}' is at work, got work for ${named === undefined ? 'no tenant' : `tenant '${named}'`}: a tenant's work stays its own; say withoutTenant(reason, work) where it is to leave it`,
    );
  }
}

/** Work for no tenant without a word why. */
export class TenantReasonError extends WaybillError {
  readonly code = 'TENANT_REASON_MISSING';
  override readonly disposition = 'permanent';

  constructor(reason: unknown) {
    super(
      `withoutTenant(reason, work) needs a reason that is a text and not empty, got ${shown(reason)}: it goes to the audit log`,
    );
  }
}

/** A key or an expression that a tenant's table cannot keep inside the tenant. Nothing was sent. */
export class TenantKeyError extends WaybillError {
  readonly code = 'TENANT_KEY_INVALID';
  override readonly disposition = 'permanent';
}

/** A query that a tenant's table cannot answer. Nothing was sent. */
export class TenantQueryError extends WaybillError {
  readonly code = 'TENANT_QUERY_INVALID';
  override readonly disposition = 'permanent';
}

/** A paging token that another query, table or tenant was given, or nobody. */
export class TenantPageError extends WaybillError {
  readonly code = 'TENANT_PAGE_INVALID';

  constructor(tableName: string) {
    super(
      `'after' is no page of this query of table '${tableName}': pass 'next' of the page before, with the same query and as the same tenant`,
    );
  }
}

/** The table answered with an item that is not the tenant's: whoever wrote it did not go through a TenantTable. */
export class TenantItemError extends WaybillError {
  readonly code = 'TENANT_ITEM_FOREIGN';

  constructor(tableName: string, attribute: string) {
    super(
      `table '${tableName}' has an item whose '${attribute}' does not begin with the tenant at work; it is not shown: look who writes to the table without a TenantTable`,
    );
  }
}

/** A condition of a store's write does not hold. Nothing was written. Its code is the outbox's for the same outcome. */
export class TableConditionError extends WaybillError {
  readonly code = 'OUTBOX_CONDITION_FAILED';
  override readonly disposition = 'lost-race';

  constructor(index: number, options?: ErrorOptions) {
    super(`the condition of write ${index} does not hold; nothing was written`, options);
  }
}
