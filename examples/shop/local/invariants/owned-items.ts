import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { TableSchema } from '../../../../lib/definitions/index.ts';
import { unmarshallItem } from '../../../../lib/shared/marshalling.ts';
import { issuesText } from '../../../../lib/shared/schema-issues.ts';
import { counted } from '../../../../local/view/counted.ts';
import { type Invariant, invariant } from './invariant.ts';

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

export interface OwnedReader {
  readonly read: ReadOwned;
  /** Whether every item that was read is one of its table's. */
  check(): Invariant;
}

/** Reads whole tables; where there are tenants, what stands before the first `#` of a partition key is the tenant. */
export function createOwnedReader(
  client: DynamoDBClient,
  { hasTenants }: { readonly hasTenants: boolean },
): OwnedReader {
  const wrong: string[] = [];
  let items = 0;
  return {
    async read({ tableName, schema, parse }) {
      const key = schema.partitionKey.name;
      const indexKeys = (schema.indexes ?? []).map(({ partitionKey }) => partitionKey.name);
      const owned = [];
      for await (const { Items = [] } of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
        for (const stored of Items) {
          items++;
          const item = unmarshallItem(stored);
          const { tenantId, own } = hasTenants
            ? withoutTenant(item, key, indexKeys)
            : { tenantId: undefined, own: item };
          try {
            owned.push({ tenantId, item: parse(own) });
          } catch (error) {
            // an item that its service cannot read is something to tell of, no reason to tell nothing
            wrong.push(`${tableName}: '${String(item[key])}' cannot be read: ${describe(error)}`);
          }
        }
      }
      return owned;
    },
    check: () => invariant('tables: each item is one that its service can read', [counted(items, 'item')], wrong),
  };
}

function withoutTenant(item: Readonly<Record<string, unknown>>, key: string, indexKeys: readonly string[]) {
  const [, tenantId = '', rest = ''] = /^([^#]*)#(.*)$/s.exec(String(item[key])) ?? [];
  const own: Record<string, unknown> = { ...item, [key]: rest };
  for (const name of indexKeys) {
    const value = own[name];
    // what is another tenant's stays as it is, and is found to be odd
    if (typeof value === 'string' && value.startsWith(`${tenantId}#`)) own[name] = value.slice(tenantId.length + 1);
  }
  return { tenantId, own };
}

/** A schema's complaints on one line. */
function describe(error: unknown): string {
  const { issues } = error as {
    readonly issues?: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
  };
  if (issues === undefined) return error instanceof Error ? error.message : String(error);
  return issuesText(issues, 'item');
}
