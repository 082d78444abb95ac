import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { ownMember } from '../definitions/index.ts';
import { TableConditionError } from '../tenancy/errors.ts';
import type { RawItem, SortCondition, TableQuery, TableStore } from '../tenancy/ports.ts';
import type { InMemoryTables } from './in-memory-tables.ts';

/** A store for tests. */
export const createInMemoryTableStore = (tables: InMemoryTables): TableStore => ({
  get: async (tableName, key) => tables.get(tableName, key),
  getBatch: async (tableName, keys) => keys.map((key) => tables.get(tableName, key)),

  async query(query) {
    const { tableName, limit, startKey, newestFirst, keyAttributes } = query;
    const ordered = tables
      .items(tableName)
      .filter((item) => isWanted(item, query))
      .sort((left, right) => compare(left, right, query));
    const inOrder = newestFirst ? ordered.toReversed() : ordered;
    const rest = inOrder.filter(
      (item) => startKey === undefined || compare(item, startKey, query) * (newestFirst ? -1 : 1) > 0,
    );
    const items = rest.slice(0, limit);
    const last = items.at(-1);
    // as in DynamoDB, a full page has a last key, even if no items follow
    const isFull = last !== undefined && items.length === limit;
    return { items, lastKey: isFull ? pick(last, keyAttributes) : undefined };
  },

  async write(writes) {
    const refused = tables.firstRefused(writes);
    if (refused?.fault !== undefined)
      throw Object.assign(new Error(refused.fault.message), { name: refused.fault.code });
    if (refused !== undefined) throw new TableConditionError(refused.index);
    tables.apply(writes);
  },
});

const isWanted = (item: RawItem, { partition, sort, keyAttributes }: TableQuery): boolean =>
  keyAttributes.every((name) => Object.hasOwn(item, name)) &&
  ownMember(item, partition.attribute)?.S === partition.value.S &&
  (sort === undefined || isInRange(ownMember(item, sort.attribute), sort));

const isInRange = (value: AttributeValue | undefined, { beginsWith, from, to }: SortCondition): boolean =>
  (beginsWith === undefined || (value?.S ?? '').startsWith(beginsWith)) &&
  (from === undefined || compareValues(value, from) >= 0) &&
  (to === undefined || compareValues(value, to) <= 0);

/** Orders by the sort key and, in an index, by the rest of the key if sort keys are equal. */
function compare(left: RawItem, right: RawItem, { sort, keyAttributes }: TableQuery): number {
  const names = sort === undefined ? keyAttributes : [sort.attribute, ...keyAttributes];
  for (const name of names) {
    const order = compareValues(ownMember(left, name), ownMember(right, name));
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(left: AttributeValue | undefined, right: AttributeValue | undefined): number {
  if (left?.N !== undefined && right?.N !== undefined) return Number(left.N) - Number(right.N);
  return Buffer.compare(Buffer.from(left?.S ?? ''), Buffer.from(right?.S ?? ''));
}

const pick = (item: RawItem, names: readonly string[]): RawItem =>
  Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
