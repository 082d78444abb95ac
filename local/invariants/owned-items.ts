import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { TableSchema } from '../../lib/contracts/index.ts';

/** An item as its tenant knows it, and whose it is. */
export interface Owned<Item> {
  /** Undefined in a deployment without tenants. */
  readonly tenantId: string | undefined;
  readonly item: Item;
}

interface OwnedTable<Item> {
  readonly tableName: string;
  readonly schema: TableSchema;
  readonly parse: (item: unknown) => Item;
}

export type ReadOwned = <Item>(table: OwnedTable<Item>) => Promise<Owned<Item>[]>;

/** Reads whole tables; where there are tenants, what stands before the first `#` of a key is the tenant. */
export const createReadOwned =
  (client: DynamoDBClient, { hasTenants }: { readonly hasTenants: boolean }): ReadOwned =>
  async ({ tableName, schema, parse }) => {
    const owned = [];
    for await (const { Items = [] } of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
      for (const stored of Items) {
        const item = unmarshall(stored);
        if (!hasTenants) owned.push({ tenantId: undefined, item: parse(item) });
        else owned.push(withoutTenant(item, schema.partitionKey.name, parse));
      }
    }
    return owned;
  };

function withoutTenant<Item>(
  item: Readonly<Record<string, unknown>>,
  key: string,
  parse: (item: unknown) => Item,
): Owned<Item> {
  const [, tenantId = '', rest = ''] = /^([^#]*)#(.*)$/s.exec(String(item[key])) ?? [];
  return { tenantId, item: parse({ ...item, [key]: rest }) };
}
