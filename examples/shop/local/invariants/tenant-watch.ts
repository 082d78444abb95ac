import { readGroup } from '../../../../lib/definitions/index.ts';
import type { CommittedChange, DynamoDb } from '../../../../local/dynamodb/dynamodb.ts';
import { type Invariant, invariant } from './invariant.ts';

/** A table of the shop. */
export interface WatchedTable {
  readonly tableName: string;
  /** Names of the partition keys of the table and of its indexes. */
  readonly partitionKeys: readonly string[];
  /**
   * `tenant`: each of these keys begins with a tenant. `group`: it is a consumer's bookkeeping, whose keys may hold an
   * event's group, with the tenant in it.
   */
  readonly keysHold: 'tenant' | 'group';
}

export interface TenantWatch extends Disposable {
  /** From now on these are watched, too. */
  follow(tables: readonly WatchedTable[]): void;
  /** Whether every item was of a tenant of the run, and every commit of one tenant only. */
  check(): Invariant;
}

/** Watches who owns what is written, from now on until it is disposed of. */
export function watchTenants(
  dynamoDb: Pick<DynamoDb, 'onCommit'>,
  tables: readonly WatchedTable[],
  tenantIds: readonly string[],
): TenantWatch {
  const watched = new Map(tables.map((table) => [table.tableName, table]));
  const known = new Set(tenantIds);
  const wrong: string[] = [];
  let items = 0;

  const ownersIn = ({ tableName, before, after }: CommittedChange): string[] => {
    const table = watched.get(tableName);
    if (table === undefined) return [];
    items++;
    const item = after ?? before;
    return table.partitionKeys.flatMap((key) => {
      const value = item?.[key]?.S;
      if (value === undefined) return [];
      const owner = table.keysHold === 'tenant' ? ownerOfKey(value) : ownerOfGroupIn(value);
      if (owner === undefined && table.keysHold === 'group') return [];
      if (owner !== undefined && known.has(owner)) return [owner];
      wrong.push(`${tableName}: '${value}' is of no tenant`);
      return [owner ?? 'nobody'];
    });
  };

  const stopListening = dynamoDb.onCommit((changes) => {
    const owners = new Set(changes.flatMap(ownersIn));
    if (owners.size <= 1) return;
    const tables = new Set(changes.map(({ tableName }) => tableName).filter((tableName) => watched.has(tableName)));
    wrong.push(`one transaction wrote items of ${[...owners].join(' and ')}, in ${[...tables].join(', ')}`);
  });

  return {
    follow(more) {
      for (const table of more) watched.set(table.tableName, table);
    },
    check: () =>
      invariant(
        'isolation: each item, and each transaction, is of one tenant',
        [`${items} writes to ${watched.size} tables`],
        wrong,
      ),
    [Symbol.dispose]: stopListening,
  };
}

const ownerOfKey = (value: string): string | undefined => /^([^#]*)#/.exec(value)?.[1];

const ownerOfGroupIn = (value: string): string | undefined => {
  const [group] = /tenant:.*$/s.exec(value) ?? [];
  return group === undefined ? undefined : readGroup(group)?.tenantId;
};
