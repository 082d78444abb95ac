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
    'the work names no tenant, and this deployment requires one: pass the tenant with the command or the event, or say withoutTenant(reason, work) where the work is for no tenant',
  ],
  [
    new TenantMismatchError('acme', 'globex'),
    'TENANT_MISMATCH',
    "tenant 'acme' is at work, got work for tenant 'globex': a tenant's work stays its own; say withoutTenant(reason, work) where it is to leave it",
  ],
  [
    new TenantMismatchError('acme', undefined),
    'TENANT_MISMATCH',
    "tenant 'acme' is at work, got work for no tenant: a tenant's work stays its own; say withoutTenant(reason, work) where it is to leave it",
  ],
  [
    new TenantReasonError(7),
    'TENANT_REASON_MISSING',
    'withoutTenant(reason, work) needs a reason that is a text and not empty, got 7: it goes to the audit log',
  ],
  [new TenantKeyError('no key'), 'TENANT_KEY_INVALID', 'no key'],
  [new TenantQueryError('no query'), 'TENANT_QUERY_INVALID', 'no query'],
  [
    new TenantPageError('notes'),
    'TENANT_PAGE_INVALID',
    "'after' is no page of this query of table 'notes': pass 'next' of the page before, with the same query and as the same tenant",
  ],
  [
    new TenantItemError('notes', 'customer'),
    'TENANT_ITEM_FOREIGN',
    "table 'notes' has an item whose 'customer' does not begin with the tenant at work; it is not shown: look who writes to the table without a TenantTable",
  ],
  [
    new TableConditionError(2),
    'OUTBOX_CONDITION_FAILED',
    'the condition of write 2 does not hold; nothing was written',
  ],
])('%s says what is wrong, and that trying again does not help', (error, code, message) => {
  expect(error).toMatchObject({ code, message });
});
