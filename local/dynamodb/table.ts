import { ownMember } from '../../lib/definitions/index.ts';
import { type Item, pickAttributes } from '../../lib/testing/dynamodb/item.ts';
import { keySizeProblem } from '../../lib/testing/dynamodb/limits.ts';
import {
  attributeNames,
  type IndexDefinition,
  indexesOf,
  type KeySchemaElement,
  keyTypeOf,
  type TableSchema,
} from '../../lib/testing/dynamodb/schema.ts';
import type { ChangeStream } from './change-stream.ts';
import type { PartialView } from './faults.ts';
import { indexKey } from './request-rules.ts';
import { createSortedMap, type SortedMap } from './sorted-map.ts';
import type { TableDescription } from './table-description.ts';

/** A table with everything that belongs to it. Its items change through `applyChange` only. */
export interface Table {
  description: TableDescription;
  readonly items: SortedMap<Item>;
  readonly indexes: Map<string, SortedMap<Item>>;
  /** Present while the stream is enabled. */
  stream: ChangeStream | undefined;
  ttlAttribute: string | undefined;
  pointInTimeRecovery: PointInTimeRecovery | undefined;
  readonly tags: Map<string, string>;
  /** By key: changes of transactions that are not answered yet, which reads of several items do not see. */
  readonly unseen: Map<string, UnseenChange>;
}

interface UnseenChange {
  readonly before: Item | undefined;
  readonly onSeen: PartialView['onSeen'];
}

interface PointInTimeRecovery {
  readonly enabledAtSeconds: number;
  readonly recoveryPeriodInDays: number;
}

/** One item before and after; both undefined or equal means that nothing happens. */
export interface ItemChange {
  readonly table: Table;
  /** As `itemKey` makes it. */
  readonly key: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

export function createTable(description: TableDescription): Table {
  return {
    description,
    items: createSortedMap<Item>(),
    indexes: new Map(indexesOf(description).map((index) => [index.IndexName, createSortedMap<Item>()])),
    stream: undefined,
    ttlAttribute: undefined,
    pointInTimeRecovery: undefined,
    tags: new Map(),
    unseen: new Map(),
  };
}

export function applyChange({ table, key, before, after }: ItemChange): void {
  if (after === undefined) table.items.delete(key);
  else table.items.set(key, after);
  for (const definition of indexesOf(table.description)) {
    const entries = table.indexes.get(definition.IndexName);
    const oldEntry = indexEntry(table.description, definition, before);
    const newEntry = indexEntry(table.description, definition, after);
    if (oldEntry !== undefined && oldEntry.key !== newEntry?.key) entries?.delete(oldEntry.key);
    if (newEntry !== undefined) entries?.set(newEntry.key, newEntry.item);
  }
}

/** Fills an index that was added to a table with items. */
export function buildIndex(table: Table, definition: IndexDefinition): void {
  const entries = createSortedMap<Item>();
  for (const [, item] of table.items.entries({})) {
    const entry = indexEntry(table.description, definition, item);
    if (entry !== undefined) entries.set(entry.key, entry.item);
  }
  table.indexes.set(definition.IndexName, entries);
}

/** An item that was there before the index may have what no key can be: it stays out. */
function hasKey(schema: TableSchema, { AttributeName, KeyType }: KeySchemaElement, item: Item): boolean {
  const value = ownMember(item, AttributeName);
  if (value === undefined) return false;
  const content = value[keyTypeOf(schema, AttributeName) ?? 'S'];
  return content !== undefined && content !== '' && keySizeProblem(value, KeyType) === undefined;
}

/** How the index holds the item; undefined when the item lacks one of the index's keys. */
export function indexEntry(
  schema: TableSchema,
  definition: IndexDefinition,
  item: Item | undefined,
): { readonly key: string; readonly item: Item } | undefined {
  if (item === undefined) return undefined;
  const indexKeys = attributeNames(definition.KeySchema);
  if (!definition.KeySchema.every((element) => hasKey(schema, element, item))) return undefined;
  const { ProjectionType, NonKeyAttributes = [] } = definition.Projection;
  const projected =
    ProjectionType === 'ALL'
      ? item
      : pickAttributes(item, [...indexKeys, ...attributeNames(schema.KeySchema), ...NonKeyAttributes]);
  return { key: indexKey(item, schema, definition.KeySchema), item: projected };
}
