import { shown, type TableAttribute, type TableSchema } from '../contracts/index.ts';
import type { TenantQuery } from './ports.ts';

export const DEFAULT_PAGE_ITEMS = 100;
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
 * What is wrong with a query, one sentence per problem; nothing of its partition key. Types say most of it to
 * TypeScript's callers only, and a misspelt member would ask for everything.
 * @param table what the sentences call the table: `table 'orders'`
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
      : [`a query of ${table} has the members ${Object.keys(MEMBERS).join(', ')}, got '${unknown.join("', '")}'`]),
    ...(keyed === undefined
      ? [`${table} has no index ${shown(indexName)}: it has ${known}`]
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
  if (sortKey === undefined) return [`${names} cannot be asked for: ${where} has no sort key`];
  if (sortBeginsWith !== undefined && asked.length > 1) {
    return [`${names} cannot be asked for together, since a beginning is a range already: leave out one or the other`];
  }
  if (sortBeginsWith !== undefined) return beginningProblems(where, sortKey, sortBeginsWith);
  const problems = asked.flatMap(([name, value]) => boundProblem(name, where, sortKey, value) ?? []);
  if (problems.length > 0 || sortFrom === undefined || sortTo === undefined) return problems;
  return isAfter(sortFrom, sortTo)
    ? [`sortFrom must not come after sortTo in ${where}, got ${shown(sortFrom)} and ${shown(sortTo)}: exchange them`]
    : [];
}

function beginningProblems(where: string, { name, type }: TableAttribute, beginning: unknown): readonly string[] {
  if (type !== 'S') {
    return [`sortBeginsWith is for texts, and '${name}' of ${where} is a number: ask with sortFrom and sortTo`];
  }
  return typeof beginning === 'string' ? [] : [`sortBeginsWith must be a text, got ${shown(beginning)}`];
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
      : // a larger one is another number by the time that it is sent
        typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  if (isKey) return undefined;
  const wanted = type === 'S' ? 'a text that is not empty' : 'a number within ±(2^53 - 1)';
  return `${bound} must be ${wanted}, as the sort key '${name}' of ${where} is, got ${shown(value)}: leave it out for no bound`;
}

/** As DynamoDB orders keys: numbers by value, texts by their UTF-8 bytes. */
export const isAfter = (a: string | number, b: string | number): boolean =>
  typeof a === 'number' && typeof b === 'number' ? a > b : Buffer.compare(Buffer.from(`${a}`), Buffer.from(`${b}`)) > 0;
