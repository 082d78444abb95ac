import { isDeepStrictEqual } from 'node:util';
import { DescribeTableCommand, type DynamoDBClient, type TableDescription } from '@aws-sdk/client-dynamodb';
import { SYNC_TABLE } from 'waybill/sync';
import { PROJECTION_STATE_TABLE } from '../../../../lib/definitions/index.ts';
import type { Topology } from '../../../../local/ledger/topology.ts';
import type { LocalRun } from '../../../../local/run.ts';
import { type CatalogWatch, watchCatalog } from '../invariants/catalog-watch.ts';
import { type StockWatch, watchStock } from '../invariants/stock-watch.ts';
import { type TenantWatch, type WatchedTable, watchTenants } from '../invariants/tenant-watch.ts';
import type { Shop } from '../orders/shop.ts';
import type { TenantIds } from '../orders/shop-command.ts';
import { type StatusSetbacks, watchSetbacks } from '../orders/status-setbacks.ts';

/** What is seen of the shop's tables from the first write on. */
export interface ShopWatches {
  readonly setbacks: StatusSetbacks;
  readonly stock: StockWatch;
  readonly catalog: CatalogWatch;
  /** Undefined in a deployment without tenants. */
  readonly tenants: TenantWatch | undefined;
}

/** Watches until `resources` are disposed of. */
export async function watchShop(
  run: Pick<LocalRun, 'dynamoDb' | 'deployment'>,
  shop: Shop,
  topology: WatchedTopology,
  tenantIds: TenantIds,
  { client, resources }: { readonly client: DynamoDBClient; readonly resources: AsyncDisposableStack },
): Promise<ShopWatches> {
  const { dynamoDb } = run;
  const setbacks = resources.use(watchSetbacks(dynamoDb, shop.ordersTableName));
  const stock = resources.use(watchStock(dynamoDb, shop.stockTableName));
  const named = tenantIds.filter((tenantId) => tenantId !== undefined);
  const hasTenants = named.length > 0;
  const catalog = resources.use(watchCatalog(dynamoDb, shop.productsTableName, { hasTenants }));
  if (!hasTenants) return { setbacks, stock, catalog, tenants: undefined };
  const tables = await tablesOfTenants(run, shop, topology, client);
  return { setbacks, stock, catalog, tenants: resources.use(watchTenants(dynamoDb, tables, named)) };
}

/** A sync's schedules of all tenants, by when they are due. */
const DUE_SHARD = SYNC_TABLE.indexes.find(({ name }) => name === 'byDue')?.partitionKey.name;

/** Requests of an API: the id of a record is a hash, which the tenant is part of. */
const HASHED_KEYS = /\/Requests\/Resource$/;

type WatchedTopology = Pick<Topology, 'outboxTableName' | 'consumers'>;

export async function tablesOfTenants(
  { deployment }: Pick<LocalRun, 'deployment'>,
  shop: Shop,
  topology: WatchedTopology,
  client: DynamoDBClient,
): Promise<WatchedTable[]> {
  const own = deployment.tables.filter(
    ({ stackName, constructPath }) => stackName === shop.stackName && !HASHED_KEYS.test(constructPath),
  );
  // what a handler writes is committed with the cursor of the event's group, and with events: they say whose it is
  const grouped = new Set([
    ...(topology.outboxTableName === undefined ? [] : [topology.outboxTableName]),
    ...topology.consumers.flatMap((one) => one.cursorsTableName ?? []),
  ]);
  return Promise.all([
    ...own.filter(({ tableName }) => !grouped.has(tableName)).map(({ tableName }) => describeKeys(client, tableName)),
    ...[...grouped].map(async (tableName) => ({
      ...(await describeKeys(client, tableName)),
      keysHold: 'group' as const,
    })),
  ]);
}

async function describeKeys(client: DynamoDBClient, tableName: string): Promise<WatchedTable> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  const keyed = [Table, ...(Table?.GlobalSecondaryIndexes ?? [])];
  const partitionKeys = keyed.flatMap((each) => each?.KeySchema?.find(({ KeyType }) => KeyType === 'HASH') ?? []);
  return {
    tableName,
    partitionKeys: partitionKeys.map(({ AttributeName = '' }) => AttributeName).filter((key) => key !== DUE_SHARD),
    keysHold: isProjectionState(Table) ? 'group' : 'tenant',
  };
}

/** A projection's state is of all tenants: which view serves them, and how far each group is. */
const isProjectionState = (table: TableDescription | undefined): boolean =>
  isDeepStrictEqual(
    table?.KeySchema?.map(({ AttributeName }) => AttributeName),
    [PROJECTION_STATE_TABLE.partitionKey.name, PROJECTION_STATE_TABLE.sortKey.name],
  );
