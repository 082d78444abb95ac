import { BATCH_GET_MAX_KEYS, type TableSchema } from '../definitions/index.ts';
import type { Outbox, UnitOfWork } from '../outbox/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { createKeyScope, type KeyScope, keyText } from './key-scope.ts';
import { writePageToken } from './page-token.ts';
import type { RawItem, TableStore, TenantTable, TenantTableReader } from './ports.ts';
import type { Tenancy } from './tenancy.ts';
import { queryProblems, tableRequest } from './tenant-query.ts';
import { assertKey, tenantWrites } from './tenant-writes.ts';

export interface TenantTableReaderOptions<Item> {
  readonly store: TableStore;
  readonly tableName: string;
  readonly schema: TableSchema;
  readonly tenancy: Pick<Tenancy, 'keyPrefix'>;
  /** Validates an item that is read from the table. */
  readonly parse: (item: unknown) => Item;
}

export interface TenantTableOptions<Item> extends TenantTableReaderOptions<Item> {
  /** Commits writes that are not part of another unit of work. */
  readonly outbox: Pick<Outbox, 'transact'>;
}

/**
 * A tenant's view of a table.
 *
 * @example
 * const orders = createTenantTable({ store, outbox, tenancy, tableName, schema: ORDERS_TABLE, parse: orderSchema.parse
 * });
 * const order = await orders.get({ orderId });
 * orders.within(tx).put({ Item: order, ConditionExpression: 'attribute_not_exists(orderId)' });
 *
 * All methods may throw
 * - TenantMissingError `TENANT_MISSING` if the deployment requires a tenant and there is none
 * - TenantKeyError `TENANT_KEY_INVALID` if a key or an expression is not valid
 * - TenantItemError `TENANT_ITEM_FOREIGN` if an item belongs to another tenant
 * - TenantQueryError `TENANT_QUERY_INVALID` and TenantPageError `TENANT_PAGE_INVALID` for queries
 * - the errors of `Outbox.transact`, for writes that are not `within` another unit of work
 *
 * @throws ContractError `CONTRACT_INVALID` if a partition key is a number
 */
export function createTenantTable<Item>(options: TenantTableOptions<Item>): TenantTable<Item> {
  const { tableName, schema, tenancy, outbox } = options;
  const scope = createKeyScope(tableName, schema);
  const within = (tx: UnitOfWork) => tenantWrites(tx, tableName, scope, tenancy.keyPrefix);
  const transact: TenantTable<Item>['transact'] = async (collect) => {
    await outbox.transact((tx) => collect(within(tx)));
  };
  return {
    ...readerOf(options, scope),
    withSchema: (other) => createTenantTable({ ...options, schema: other }),
    within,
    transact,
    put: (write) => transact((writes) => writes.put(write)),
    update: (write) => transact((writes) => writes.update(write)),
    delete: (write) => transact((writes) => writes.delete(write)),
  };
}

/** Like `createTenantTable`, for code that only reads. */
export const createTenantTableReader = <Item>(options: TenantTableReaderOptions<Item>): TenantTableReader<Item> =>
  readerOf(options, createKeyScope(options.tableName, options.schema));

function readerOf<Item>(
  { store, tableName, schema, tenancy, parse }: TenantTableReaderOptions<Item>,
  scope: KeyScope,
): TenantTableReader<Item> {
  const show = (item: RawItem, prefix: string): Item => parse(unmarshallItem(scope.leave(item, prefix)));
  return {
    tableName,
    queryProblems: (called, query) => queryProblems(called, schema, query),
    withSchema: (other) => createTenantTableReader({ store, tableName, schema: other, tenancy, parse }),

    async get(key) {
      assertKey(tableName, scope, key);
      const prefix = tenancy.keyPrefix();
      const item = await store.get(
        tableName,
        marshallItem(scope.enter(key, prefix), `the key of table '${tableName}'`),
      );
      return item === undefined ? undefined : show(item, prefix);
    },

    async getBatch(keys) {
      const prefix = tenancy.keyPrefix();
      const asked = keys.map((key) => {
        assertKey(tableName, scope, key);
        return marshallItem(scope.enter(key, prefix), `a key of table '${tableName}'`);
      });
      const names = scope.key.map(({ name }) => name);
      // DynamoDB rejects a request that contains a key twice
      const distinct = [...new Map(asked.map((key) => [keyText(key, names), key])).values()];
      const found = new Map<string, Item>();
      for (let start = 0; start < distinct.length; start += BATCH_GET_MAX_KEYS) {
        const items = await store.getBatch(tableName, distinct.slice(start, start + BATCH_GET_MAX_KEYS));
        for (const item of items) if (item !== undefined) found.set(keyText(item, names), show(item, prefix));
      }
      return asked.map((key) => found.get(keyText(key, names)));
    },

    async query(query) {
      const prefix = tenancy.keyPrefix();
      const { request, owner } = tableRequest({ tableName, schema, scope }, query, prefix);
      const { items, lastKey } = await store.query(request);
      return {
        items: items.map((item) => show(item, prefix)),
        next: lastKey === undefined ? undefined : writePageToken(owner, scope.leave(lastKey, prefix)),
      };
    },
  };
}
