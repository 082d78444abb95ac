import { holds } from '../../lib/testing/dynamodb/condition.ts';
import { type Item, pickAttributes } from '../../lib/testing/dynamodb/item.ts';
import { itemSizeBytes } from '../../lib/testing/dynamodb/item-size.ts';
import type { RangeRequest, ReadPlan } from './range-request.ts';
import { itemKey, pageBytes } from './request-rules.ts';
import { readsWholeItems } from './selection.ts';
import type { KeyRange } from './sorted-map.ts';

/** What a Query or Scan reads from. */
export interface ReadView {
  item(key: string): Item | undefined;
  items(range: KeyRange): Iterable<Item>;
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html */
const MAX_PAGE_BYTES = 1024 * 1024;
const READ_UNIT_BYTES = 4096;

/** Reads until the page is full, then filters. @param project leaves of an item what the request asks for */
export function readPage(
  { source, range }: ReadPlan,
  view: ReadView,
  request: RangeRequest,
  project: (item: Item) => Item,
): object {
  const { schema, index, keyNames } = source;
  const { Limit = Number.POSITIVE_INFINITY, Select, _filter: filter } = request;
  const whole = readsWholeItems(source, request);
  const kept: Item[] = [];
  let scanned = 0;
  let size = 0;
  let bytes = 0;
  let fetchedBytes = 0;
  let last: Item | undefined;
  for (const entry of view.items(range)) {
    if (scanned >= Limit || size >= MAX_PAGE_BYTES) break;
    scanned++;
    last = entry;
    bytes += itemSizeBytes(entry);
    size += pageBytes(entry, schema);
    const item = whole ? (view.item(itemKey(entry, schema)) ?? entry) : entry;
    if (whole) fetchedBytes += itemSizeBytes(item);
    if (filter === undefined || holds(filter.expression, item)) kept.push(item);
  }
  const isFull = scanned >= Limit || size >= MAX_PAGE_BYTES;
  return {
    Count: kept.length,
    ScannedCount: scanned,
    ...(Select === 'COUNT' ? {} : { Items: kept.map(project) }),
    ...(isFull && last !== undefined ? { LastEvaluatedKey: pickAttributes(last, keyNames) } : {}),
    ConsumedCapacity: consumed(request, index, bytes, fetchedBytes),
  };
}

/** What finds nothing costs one unit as well. */
function consumed(
  { TableName, ReturnConsumedCapacity: detail, ConsistentRead = false }: RangeRequest,
  index: ReadPlan['source']['index'],
  bytes: number,
  fetchedBytes: number,
): object | undefined {
  if (detail === undefined || detail === 'NONE') return undefined;
  const costFactor = ConsistentRead ? 1 : 0.5;
  const units = Math.max(Math.ceil(bytes / READ_UNIT_BYTES), 1) * costFactor;
  const fetched = Math.ceil(fetchedBytes / READ_UNIT_BYTES) * costFactor;
  const kind = index?.isLocal === true ? 'LocalSecondaryIndexes' : 'GlobalSecondaryIndexes';
  return {
    CapacityUnits: units + fetched,
    TableName,
    ...(detail === 'INDEXES'
      ? {
          Table: { CapacityUnits: index === undefined ? units : fetched },
          ...(index && { [kind]: { [index.IndexName]: { CapacityUnits: units } } }),
        }
      : {}),
  };
}
