import { expect, it } from 'vitest';
import {
  TableConditionError,
  TenantItemError,
  TenantKeyError,
  TenantMismatchError,
  TenantMissingError,
  TenantPageError,
  TenantQueryError,
  TenantReasonError,
} from '../../../lib/tenancy/errors.ts';

it.each([
  [
    new TenantMissingError('the work'),
    'TENANT_MISSING',
    'the work has no tenant, but this deployment requires one: pass the tenant with the command or the event, or use withoutTenant(reason, work)',
  ],
  [
    new TenantMismatchError('acme', 'globex'),
    'TENANT_MISMATCH',
    "cannot act for tenant 'globex' while running as tenant 'acme': use withoutTenant(reason, work)",
  ],
  [
    new TenantMismatchError('acme', undefined),
    'TENANT_MISMATCH',
    "cannot act for no tenant while running as tenant 'acme': use withoutTenant(reason, work)",
  ],
  [
    new TenantReasonError(7),
    'TENANT_REASON_MISSING',
    'withoutTenant(reason, work) requires a reason, a non-empty string for the audit log, got 7',
  ],
  [new TenantKeyError('no key'), 'TENANT_KEY_INVALID', 'no key'],
  [new TenantQueryError('no query'), 'TENANT_QUERY_INVALID', 'no query'],
  [
    new TenantPageError('notes'),
    'TENANT_PAGE_INVALID',
    "'after' is not a page token of this query of table 'notes': pass the 'next' of the previous page, with the same query and tenant",
  ],
  [
    new TenantItemError('notes', 'customer'),
    'TENANT_ITEM_FOREIGN',
    "table 'notes' has an item whose 'customer' does not begin with the current tenant: find the code that writes to the table without a TenantTable",
  ],
  [new TableConditionError(2), 'OUTBOX_CONDITION_FAILED', 'the condition of write 2 failed; nothing was written'],
])('%s says what is wrong, and that a retry does not help', (error, code, message) => {
  expect(error).toMatchObject({ code, message });
});
