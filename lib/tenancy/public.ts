/** Tables that separate tenants, and the tenant that the code runs as. */
export { createDynamoDbTenantReader, type DynamoDbTenantReaderOptions } from './dynamodb-tenant-reader.ts';
export {
  TableConditionError,
  TableItemError,
  TableUnreadError,
  TenantInactiveError,
  TenantItemError,
  TenantKeyError,
  TenantMismatchError,
  TenantMissingError,
  TenantPageError,
  TenantQueryError,
  TenantReasonError,
  TenantUnreadError,
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
export { createTenantDirectory, type TenantDirectory, type TenantDirectoryOptions } from './tenant-directory.ts';
export {
  createTenantTable,
  createTenantTableReader,
  type TenantTableOptions,
  type TenantTableReaderOptions,
} from './tenant-table.ts';
