import type { CommittedChange, DynamoDb } from '../dynamodb/dynamodb.ts';
import { type Invariant, invariant } from './invariant.ts';

/** A table whose items belong to tenants. */
export interface TenantOwnedTable {
  readonly tableName: string;
  /** Names of the partition keys of the table and of its indexes. */
  readonly partitionKeys: readonly string[];
}

export interface TenantWatch extends Disposable {
  /** Whether every item was of a tenant of the run, and every commit of one tenant only. */
  check(): Invariant;
}

/** Watches who owns what is written, from now on until it is disposed of. */
export function watchTenants(
  dynamoDb: Pick<DynamoDb, 'onCommit'>,
  tables: readonly TenantOwnedTable[],
  tenantIds: readonly string[],
): TenantWatch {
  const keysOf = new Map(tables.map(({ tableName, partitionKeys }) => [tableName, partitionKeys]));
  const known = new Set(tenantIds);
  const wrong: string[] = [];
  let items = 0;

  const ownersIn = ({ tableName, before, after }: CommittedChange): string[] => {
    const item = after ?? before;
    const values = (keysOf.get(tableName) ?? []).flatMap((key) => item?.[key]?.S ?? []);
    if (values.length > 0) items++;
    return values.map((value) => {
      const [, owner = value] = /^([^#]*)#/.exec(value) ?? [];
      if (!known.has(owner) || owner === value) wrong.push(`${tableName}: '${value}' is of no tenant`);
      return owner;
    });
  };

  const stopListening = dynamoDb.onCommit((changes) => {
    const owners = new Set(changes.flatMap(ownersIn));
    if (owners.size > 1) wrong.push(`one transaction wrote items of ${[...owners].join(' and ')}`);
  });

  return {
    check: () =>
      invariant(
        'isolation: each item, and each transaction, is of one tenant',
        [`${items} writes to ${tables.length} tables`],
        wrong,
      ),
    [Symbol.dispose]: stopListening,
  };
}
