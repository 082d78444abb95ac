import type { TableSchema } from '../definitions/index.ts';

export type PlainItem = Readonly<Record<string, unknown>>;

/** The items of a tenant, with keys without the tenant; without a tenant, all items as stored. */
export function plainItems(
  items: readonly PlainItem[],
  { partitionKey, indexes = [] }: TableSchema,
  prefix: string,
): readonly PlainItem[] {
  if (prefix === '') return items;
  const names = new Set([partitionKey, ...indexes.map((index) => index.partitionKey)].map(({ name }) => name));
  return items
    .filter((item) => String(item[partitionKey.name]).startsWith(prefix))
    .map((item) =>
      Object.fromEntries(
        Object.entries(item).map(([name, value]) => [
          name,
          names.has(name) ? String(value).slice(prefix.length) : value,
        ]),
      ),
    );
}
