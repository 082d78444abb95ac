import type { JsonObject } from '../endpoint/service.ts';

/**
 * A request that names its tables, where it may name them by their ARNs. ARNs of other accounts and Regions are left.
 * @param tableArn of a table of this account and Region
 */
export function withTableNames(input: JsonObject, tableArn: (name: string) => string): JsonObject {
  // nearly no request does, so that none pays for a copy but those
  if (!hasArn(input)) return input;
  const { TableName, RequestItems, TransactItems } = input;
  const prefix = tableArn('');
  const nameOf = (table: unknown) =>
    typeof table === 'string' && table.startsWith(prefix) ? table.slice(prefix.length) : table;
  return {
    ...input,
    ...(TableName === undefined ? {} : { TableName: nameOf(TableName) }),
    ...(isObject(RequestItems) ? { RequestItems: mapMembers(RequestItems, (name) => String(nameOf(name))) } : {}),
    ...(Array.isArray(TransactItems)
      ? { TransactItems: TransactItems.map((item) => withNamedAction(item, nameOf)) }
      : {}),
  };
}

function hasArn({ TableName, RequestItems, TransactItems }: JsonObject): boolean {
  if (isArn(TableName)) return true;
  if (isObject(RequestItems)) return Object.keys(RequestItems).some(isArn);
  return (
    Array.isArray(TransactItems) && TransactItems.some((item) => isObject(item) && Object.values(item).some(isOnArn))
  );
}

const isArn = (table: unknown) => typeof table === 'string' && table.startsWith('arn:');
const isOnArn = (action: unknown) => isObject(action) && isArn(action['TableName']);

function withNamedAction(item: unknown, nameOf: (table: unknown) => unknown): unknown {
  if (!isObject(item)) return item;
  return Object.fromEntries(
    Object.entries(item).map(([kind, action]) => [
      kind,
      isObject(action) && 'TableName' in action ? { ...action, TableName: nameOf(action['TableName']) } : action,
    ]),
  );
}

const mapMembers = (object: JsonObject, rename: (name: string) => string): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([name, member]) => [rename(name), member]));

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
