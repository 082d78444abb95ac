import type { Item } from '../../lib/testing/dynamodb/item.ts';
import { sameItem } from '../../lib/testing/dynamodb/item.ts';
import { itemSizeBytes } from '../../lib/testing/dynamodb/item-size.ts';
import { indexesOf } from '../../lib/testing/dynamodb/schema.ts';
import { type ItemChange, indexEntry, type Table } from './table.ts';

export type CapacityDetail = 'INDEXES' | 'TOTAL' | 'NONE';

/** Units that one call used of one table. */
export interface TableUnits {
  readonly table: Table;
  readonly tableUnits: number;
  readonly indexUnits: ReadonlyMap<string, number>;
}

const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;

/** @param costFactor 2 inside a transaction. */
export function writeUnits(change: ItemChange, costFactor = 1): TableUnits {
  const { table, before, after } = change;
  const indexUnits = new Map<string, number>();
  for (const definition of indexesOf(table.description)) {
    const oldEntry = indexEntry(table.description, definition, before);
    const newEntry = indexEntry(table.description, definition, after);
    if (oldEntry?.key === newEntry?.key && sameItem(oldEntry?.item, newEntry?.item)) continue;
    const moved = oldEntry?.key !== newEntry?.key;
    const units = moved
      ? unitsOf(WRITE_UNIT_BYTES, oldEntry?.item) + unitsOf(WRITE_UNIT_BYTES, newEntry?.item)
      : Math.max(unitsOf(WRITE_UNIT_BYTES, oldEntry?.item), unitsOf(WRITE_UNIT_BYTES, newEntry?.item));
    indexUnits.set(definition.IndexName, units * costFactor);
  }
  const tableUnits = Math.max(unitsOf(WRITE_UNIT_BYTES, before), unitsOf(WRITE_UNIT_BYTES, after), 1);
  return { table, tableUnits: tableUnits * costFactor, indexUnits };
}

/** @param costFactor 0.5 for an eventually consistent read, 1 for a consistent one, 2 inside a transaction. */
export function readUnits(table: Table, item: Item | undefined, costFactor: number): TableUnits {
  return { table, tableUnits: Math.max(unitsOf(READ_UNIT_BYTES, item), 1) * costFactor, indexUnits: new Map() };
}

const unitsOf = (unitBytes: number, item: Item | undefined): number =>
  item === undefined ? 0 : Math.ceil(itemSizeBytes(item) / unitBytes);

/**
 * `ConsumedCapacity` as a call over several items returns it: one entry per table.
 * @param used called when the request asks for it only: it has to measure the items.
 * @param kind named in the answers of transactions only.
 */
export function consumedCapacity(
  detail: CapacityDetail | undefined,
  used: () => readonly TableUnits[],
  kind?: 'ReadCapacityUnits' | 'WriteCapacityUnits',
): readonly object[] | undefined {
  if (detail === undefined || detail === 'NONE') return undefined;
  const units = (count: number) => ({ CapacityUnits: count, ...(kind === undefined ? {} : { [kind]: count }) });
  return [...Map.groupBy(used(), (entry) => entry.table)].map(([table, entries]) => {
    const tableUnits = entries.reduce((sum, entry) => sum + entry.tableUnits, 0);
    const indexUnits = new Map<string, number>();
    for (const [name, count] of entries.flatMap((entry) => [...entry.indexUnits])) {
      indexUnits.set(name, (indexUnits.get(name) ?? 0) + count);
    }
    const total = [...indexUnits.values()].reduce((sum, count) => sum + count, tableUnits);
    const named = (indexes: readonly { readonly IndexName: string }[] | undefined) => {
      const known = (indexes ?? []).flatMap(({ IndexName }) => {
        const count = indexUnits.get(IndexName);
        return count === undefined ? [] : [[IndexName, units(count)] as const];
      });
      return known.length === 0 ? undefined : Object.fromEntries(known);
    };
    return {
      TableName: table.description.TableName,
      ...units(total),
      ...(detail === 'INDEXES'
        ? {
            Table: units(tableUnits),
            GlobalSecondaryIndexes: named(table.description.GlobalSecondaryIndexes),
            LocalSecondaryIndexes: named(table.description.LocalSecondaryIndexes),
          }
        : {}),
    };
  });
}
