export { createDynamoDbTableStore } from './dynamodb-table-store.ts';
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
export { type ItemsOf, type OpenTable, type OpenTableReader, parserOf } from './item-parser.ts';
export type {
  AnyItem,
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
export { createTelemetryAudit, createTenantLogger } from './tenancy-telemetry.ts';
export { createTenantDirectory, type TenantDirectory, type TenantDirectoryOptions } from './tenant-directory.ts';
export {
  createTenantTable,
  createTenantTableReader,
  type TenantTableOptions,
  type TenantTableReaderOptions,
} from './tenant-table.ts';
