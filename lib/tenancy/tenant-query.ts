import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { shown, type TableAttribute, type TableSchema } from '../definitions/index.ts';
import { TenantQueryError } from './errors.ts';
import { type KeyScope, keyAttributesOf } from './key-scope.ts';
import { type PageOwner, readPageToken } from './page-token.ts';
import type { RawItem, SortCondition, TableQuery, TenantQuery } from './ports.ts';

const DEFAULT_PAGE_ITEMS = 100;
const MAX_PAGE_ITEMS = 1_000;

const MEMBERS: Readonly<Record<keyof TenantQuery, true>> = {
  indexName: true,
  partition: true,
  sortBeginsWith: true,
  sortFrom: true,
  sortTo: true,
  limit: true,
  after: true,
  newestFirst: true,
};

/**
 * Lists the problems of a query, except of its partition key. Checked at run time too, because a misspelt member would
 * select the whole partition.
 * @param table the name of the table in the texts: `table 'orders'`
 */
export function queryProblems(table: string, schema: TableSchema, query: TenantQuery): readonly string[] {
  if (typeof query !== 'object' || query === null) {
    return [`a query of ${table} must be { partition, … }, got ${shown(query)}`];
  }
  const { indexName, limit = DEFAULT_PAGE_ITEMS, newestFirst = false } = query;
  const indexes = schema.indexes ?? [];
  const keyed = indexName === undefined ? schema : indexes.find(({ name }) => name === indexName);
  const known = indexes.map(({ name }) => `'${name}'`).join(', ') || 'none';
  const unknown = Object.keys(query).filter((name) => !Object.hasOwn(MEMBERS, name));
  const where = indexName === undefined ? table : `index '${indexName}' of ${table}`;
  return [
    ...(unknown.length === 0
      ? []
      : [`a query of ${table} accepts only ${Object.keys(MEMBERS).join(', ')}, got '${unknown.join("', '")}'`]),
    ...(keyed === undefined
      ? [`${table} has no index ${shown(indexName)}: its indexes are ${known}`]
      : sortProblems(where, keyed.sortKey, query)),
    ...(Number.isSafeInteger(limit) && limit >= 1 && limit <= MAX_PAGE_ITEMS
      ? []
      : [`limit must be a whole number of items from 1 to ${MAX_PAGE_ITEMS}, got ${shown(limit)}`]),
    ...(typeof newestFirst === 'boolean' ? [] : [`newestFirst must be true or false, got ${shown(newestFirst)}`]),
  ];
}

function sortProblems(
  where: string,
  sortKey: TableAttribute | undefined,
  { sortBeginsWith, sortFrom, sortTo }: TenantQuery,
): readonly string[] {
  const asked = Object.entries({ sortBeginsWith, sortFrom, sortTo }).filter(([, value]) => value !== undefined);
  const names = asked.map(([name]) => name).join(' and ');
  if (asked.length === 0) return [];
  if (sortKey === undefined) return [`${names} cannot be used: ${where} has no sort key`];
  if (sortBeginsWith !== undefined && asked.length > 1) {
    return [`${names} cannot be combined: use sortBeginsWith or a range`];
  }
  if (sortBeginsWith !== undefined) return beginningProblems(where, sortKey, sortBeginsWith);
  const problems = asked.flatMap(([name, value]) => boundProblem(name, where, sortKey, value) ?? []);
  if (problems.length > 0 || sortFrom === undefined || sortTo === undefined) return problems;
  return isAfter(sortFrom, sortTo)
    ? [`sortFrom must not come after sortTo in ${where}, got ${shown(sortFrom)} and ${shown(sortTo)}: swap them`]
    : [];
}

function beginningProblems(where: string, { name, type }: TableAttribute, beginning: unknown): readonly string[] {
  if (type !== 'S') {
    return [
      `sortBeginsWith requires a sort key of type S, but '${name}' of ${where} is a number: use sortFrom and sortTo`,
    ];
  }
  return typeof beginning === 'string' ? [] : [`sortBeginsWith must be a string, got ${shown(beginning)}`];
}

function boundProblem(
  bound: string,
  where: string,
  { name, type }: TableAttribute,
  value: unknown,
): string | undefined {
  const isKey =
    type === 'S'
      ? typeof value === 'string' && value !== ''
      : // larger numbers would lose precision
        typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  if (isKey) return undefined;
  const wanted = type === 'S' ? 'a non-empty string' : 'a number within ±(2^53 - 1)';
  return `${bound} must be ${wanted}, like the sort key '${name}' of ${where}, got ${shown(value)}: omit it for no bound`;
}

/** The order of keys in DynamoDB: numbers by value, strings by UTF-8 bytes. */
const isAfter = (a: string | number, b: string | number): boolean =>
  typeof a === 'number' && typeof b === 'number' ? a > b : Buffer.compare(Buffer.from(`${a}`), Buffer.from(`${b}`)) > 0;

export interface TableRequest {
  readonly request: TableQuery;
  /** The query that its page tokens are valid for. */
  readonly owner: PageOwner;
}

interface RequestedTable {
  readonly tableName: string;
  readonly schema: TableSchema;
  readonly scope: KeyScope;
}

/**
 * Converts a tenant's query to the stored keys.
 * @throws TenantQueryError `TENANT_QUERY_INVALID`, TenantPageError `TENANT_PAGE_INVALID`, TenantKeyError
 * `TENANT_KEY_INVALID`
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
    (sortKey === undefined || isSelected(sortKey, place[sortKey.name], query));
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

/** @param prefix the tenant's prefix; empty if the sort key does not have it */
function sortCondition(
  { name, type }: TableAttribute,
  { sortBeginsWith, sortFrom, sortTo }: TenantQuery,
  prefix: string,
): SortCondition {
  if (sortFrom === undefined && sortTo === undefined) {
    const beginsWith = `${prefix}${sortBeginsWith ?? ''}`;
    // DynamoDB refuses an empty string as a key
    return { attribute: name, beginsWith: beginsWith === '' ? undefined : beginsWith };
  }
  const bound = (value: string | number | undefined): AttributeValue | undefined => {
    if (value === undefined) return undefined;
    return type === 'N' ? { N: String(value) } : { S: `${prefix}${value}` };
  };
  // an open range ends at the tenant's last key
  const from = bound(sortFrom) ?? (prefix === '' ? undefined : { S: prefix });
  const to = bound(sortTo) ?? (prefix === '' ? undefined : { S: prefixEnd(prefix) });
  return { attribute: name, beginsWith: undefined, from, to };
}

/** The first string after all strings with the prefix. No tenant has it, because ids do not contain the separator. */
const prefixEnd = (prefix: string): string =>
  `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;

function isSelected(
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
