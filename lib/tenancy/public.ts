/** Tables that keep tenants apart, and the tenant on whose behalf the code runs. */
export {
  TableConditionError,
  TenantItemError,
  TenantKeyError,
  TenantMismatchError,
  TenantMissingError,
  TenantPageError,
  TenantQueryError,
  TenantReasonError,
} from './errors.ts';
export type {
  Page,
  RawItem,
  SortCondition,
  TableQuery,
  TableStore,
  TenantQuery,
  TenantTable,
  TenantTableReader,
  TenantWrites,
} from './ports.ts';
export { createTenancy, type Tenancy, type TenancyAudit, type TenancyOptions } from './tenancy.ts';
export {
  createTenantTable,
  createTenantTableReader,
  type TenantTableOptions,
  type TenantTableReaderOptions,
} from './tenant-table.ts';
