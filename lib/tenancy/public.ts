/** Tables that separate tenants, and the tenant that the code runs as. */
export {
  TableConditionError,
  TableItemError,
  TableUnreadError,
  TenantItemError,
  TenantKeyError,
  TenantMismatchError,
  TenantMissingError,
  TenantPageError,
  TenantQueryError,
  TenantReasonError,
} from './errors.ts';
export type { ItemsOf, OpenTable, OpenTableReader } from './item-parser.ts';
export type {
  AnyItem,
  Page,
  RawItem,
  SortCondition,
  TableQuery,
  TableStore,
  TenantConditionCheck,
  TenantDelete,
  TenantPut,
  TenantQuery,
  TenantTable,
  TenantTableReader,
  TenantUpdate,
  TenantWrites,
} from './ports.ts';
export { createTenancy, type Tenancy, type TenancyAudit, type TenancyOptions } from './tenancy.ts';
export {
  createTenantTable,
  createTenantTableReader,
  type TenantTableOptions,
  type TenantTableReaderOptions,
} from './tenant-table.ts';
