import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { TableAttribute, TableSchema } from '../contracts/index.ts';
import { TenantQueryError } from './errors.ts';
import { type KeyScope, keyAttributesOf } from './key-scope.ts';
import { type PageOwner, readPageToken } from './page-token.ts';
import type { RawItem, SortCondition, TableQuery, TenantQuery } from './ports.ts';
import { DEFAULT_PAGE_ITEMS, isAfter, queryProblems } from './query-problems.ts';

export interface TableRequest {
  readonly request: TableQuery;
  /** Whose pages its pages are. */
  readonly owner: PageOwner;
}

interface RequestedTable {
  readonly tableName: string;
  readonly schema: TableSchema;
  readonly scope: KeyScope;
}

/**
 * A tenant's query as it is sent to the table.
 * @throws TenantQueryError `TENANT_QUERY_INVALID`, TenantPageError `TENANT_PAGE_INVALID`, TenantKeyError `TENANT_KEY_INVALID`
 */
export function tableRequest(
  { tableName, schema, scope }: RequestedTable,
  query: TenantQuery,
  prefix: string,
): TableRequest {
  const problems = queryProblems(`table '${tableName}'`, schema, query);
  const keyed = scope.keyed(query?.indexName);
  if (problems.length > 0 || keyed === undefined) throw new TenantQueryError(problems.join('; '));
  const { indexName, partition, sortBeginsWith, sortFrom, sortTo, newestFirst = false } = query;
  const value = String(scope.enter({ [keyed.partitionKey.name]: partition }, prefix)[keyed.partitionKey.name]);
  const owner: PageOwner = { tableName, indexName, partition: value, sortBeginsWith, sortFrom, sortTo, newestFirst };
  const attributes = [...scope.key, ...keyAttributesOf(keyed)].filter(
    ({ name }, index, all) => all.findIndex((other) => other.name === name) === index,
  );
  const { sortKey } = keyed;
  const isReached = (place: RawItem) =>
    place[keyed.partitionKey.name]?.S === partition &&
    (sortKey === undefined || isAskedFor(sortKey, place[sortKey.name], query));
  const startKey = query.after === undefined ? undefined : readPageToken(owner, query.after, { attributes, isReached });
  return {
    owner,
    request: {
      tableName,
      indexName,
      partition: { attribute: keyed.partitionKey.name, value: { S: value } },
      sort: sortKey && sortCondition(sortKey, query, scope.holdsTenant(sortKey.name) ? prefix : ''),
      keyAttributes: attributes.map(({ name }) => name),
      limit: query.limit ?? DEFAULT_PAGE_ITEMS,
      startKey: startKey && scope.enterKey(startKey, prefix),
      newestFirst,
    },
  };
}

/** @param prefix of the tenant, where the sort key holds it */
function sortCondition(
  { name, type }: TableAttribute,
  { sortBeginsWith, sortFrom, sortTo }: TenantQuery,
  prefix: string,
): SortCondition {
  if (sortFrom === undefined && sortTo === undefined) {
    const beginsWith = `${prefix}${sortBeginsWith ?? ''}`;
    // the service takes no empty text for a key
    return { attribute: name, beginsWith: beginsWith === '' ? undefined : beginsWith };
  }
  const bound = (value: string | number | undefined): AttributeValue | undefined => {
    if (value === undefined) return undefined;
    return type === 'N' ? { N: String(value) } : { S: `${prefix}${value}` };
  };
  // a range that is open at one end ends with the tenant
  const from = bound(sortFrom) ?? (prefix === '' ? undefined : { S: prefix });
  const to = bound(sortTo) ?? (prefix === '' ? undefined : { S: behind(prefix) });
  return { attribute: name, beginsWith: undefined, from, to };
}

/** The first text behind all that begin with the prefix: of no tenant, since what ends a tenant's id is in no id. */
const behind = (prefix: string): string =>
  `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;

function isAskedFor(
  { type }: TableAttribute,
  value: AttributeValue | undefined,
  { sortBeginsWith, sortFrom, sortTo }: TenantQuery,
): boolean {
  const text = value?.S ?? '';
  const place = type === 'N' ? Number(value?.N) : text;
  return (
    (sortBeginsWith === undefined || text.startsWith(sortBeginsWith)) &&
    (sortFrom === undefined || !isAfter(sortFrom, place)) &&
    (sortTo === undefined || !isAfter(place, sortTo))
  );
}
