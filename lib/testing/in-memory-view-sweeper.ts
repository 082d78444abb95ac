import type { TableSchema } from '../definitions/index.ts';
import type { Item } from '../outbox/index.ts';
import type { ViewSweeper } from '../projection/ports.ts';
import { STORED } from '../projection/view-items.ts';
import type { InMemoryTables } from './in-memory-tables.ts';

/** Small, so that tests read several pages. */
const PAGE_ITEMS = 2;

export const createInMemoryViewSweeper = (
  tables: InMemoryTables,
  tableName: string,
  { partitionKey, sortKey }: TableSchema,
): ViewSweeper => {
  const names = [partitionKey.name, ...(sortKey === undefined ? [] : [sortKey.name])];
  const keyOf = (item: Item): Item => Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
  const placeOf = (item: Item): string => JSON.stringify(keyOf(item));
  return {
    async sweep({ upTo, keep }, after) {
      const rest = tables
        .items(tableName)
        .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
        .filter((item) => after === undefined || placeOf(item) > after);
      const page = rest.slice(0, PAGE_ITEMS);
      const last = page.at(-1);
      const gone = page.filter((item) => {
        const generation = Number(item[STORED.generation]?.N);
        return generation <= upTo && generation !== keep;
      });
      tables.apply(gone.map((item) => ({ Delete: { TableName: tableName, Key: { ...keyOf(item) } } })));
      return {
        deleted: gone.length,
        next: rest.length > page.length && last !== undefined ? placeOf(last) : undefined,
      };
    },
  };
};
