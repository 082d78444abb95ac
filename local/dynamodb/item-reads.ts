import { holds } from '../../lib/testing/dynamodb/condition.ts';
import { indexKey, itemKey, keyProblem, pathProblem } from '../../lib/testing/dynamodb/dynalite.ts';
import type { ParsedCondition, ParsedProjection } from '../../lib/testing/dynamodb/expressions.ts';
import { type Item, pickAttributes } from '../../lib/testing/dynamodb/item.ts';
import { itemSizeBytes } from '../../lib/testing/dynamodb/item-size.ts';
import { indexesOf } from '../../lib/testing/dynamodb/schema.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { Caller, JsonObject } from '../endpoint/service.ts';
import { type CapacityDetail, consumedCapacity, readUnits, type TableUnits } from './consumed-capacity.ts';
import type { Database } from './database.ts';
import { parseRequest, project, type ReadView, runRead } from './dynalite.ts';
import type { ReadOperation } from './faults.ts';
import { ITEM_SHAPES } from './item-shapes.ts';
import type { Operations } from './operation.ts';
import { isWithin, type KeyRange, overlaid } from './sorted-map.ts';
import { indexEntry, type Table } from './table.ts';
import type { Reading, Visibility } from './visibility.ts';

interface ReadOptions {
  readonly ConsistentRead?: boolean;
  readonly AttributesToGet?: readonly string[];
  readonly _projection?: ParsedProjection;
}

interface GetRequest extends ReadOptions {
  readonly TableName: string;
  readonly Key: Item;
  readonly ReturnConsumedCapacity?: CapacityDetail;
}

interface BatchGetRequest {
  readonly RequestItems: { readonly [table: string]: ReadOptions & { readonly Keys: readonly Item[] } };
  readonly ReturnConsumedCapacity?: CapacityDetail;
}

interface RangeRequest extends ReadOptions {
  readonly TableName: string;
  readonly IndexName?: string;
  readonly ExclusiveStartKey?: Item;
  readonly Select?: string;
  readonly _filter?: ParsedCondition;
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;
const MAX_BATCH_KEYS = 100;

/** GetItem, BatchGetItem, Query, Scan. */
export function createItemReads(database: Database): Operations {
  const { visibility } = database;
  const readRange = (action: 'query' | 'scan') => (input: JsonObject, caller: Caller) => {
    const request = parseRequest<RangeRequest>(action === 'query' ? ITEM_SHAPES.Query : ITEM_SHAPES.Scan, input);
    const operation = action === 'query' ? 'Query' : 'Scan';
    const view = viewOf(
      database.table(request.TableName),
      request,
      visibility,
      readingOf(operation, request, caller, request.IndexName),
    );
    return rangeRead(action, view, request);
  };

  return {
    GetItem(input, caller) {
      const request = parseRequest<GetRequest>(ITEM_SHAPES.GetItem, input);
      const table = database.table(request.TableName);
      const key = readableKey(table, request.Key, request._projection);
      const item = visibility.item(table, key, readingOf('GetItem', request, caller));
      const [used] = consumedCapacity(request.ReturnConsumedCapacity, [readUnits(table, item, costOf(request))]) ?? [];
      return { Item: item === undefined ? undefined : projected(item, request), ConsumedCapacity: used };
    },
    BatchGetItem(input, caller) {
      const request = parseRequest<BatchGetRequest>(ITEM_SHAPES.BatchGetItem, input);
      return batchGet(database, request, caller);
    },
    Query: readRange('query'),
    Scan: readRange('scan'),
  };
}

/** @throws AwsError `ValidationException` when the key or the projection does not fit the table. */
export function readableKey(table: Table, key: Item, projection: ParsedProjection | undefined): string {
  const mismatch = keyProblem(key, table.description) ?? pathProblem(projection?.nestedPaths, table.description);
  if (mismatch !== undefined) throw new AwsError('ValidationException', mismatch);
  return itemKey(key, table.description);
}

const readingOf = (
  operation: ReadOperation,
  { ConsistentRead = false }: ReadOptions,
  caller: Caller,
  indexName?: string,
): Reading => ({ operation, consistent: ConsistentRead, indexName, caller });

export function projected(item: Item, { _projection, AttributesToGet }: ReadOptions): Item {
  if (_projection !== undefined) return project(item, _projection.paths);
  return AttributesToGet === undefined ? item : pickAttributes(item, AttributesToGet);
}

const costOf = ({ ConsistentRead = false }: ReadOptions) => (ConsistentRead ? 1 : 0.5);

function batchGet(database: Database, request: BatchGetRequest, caller: Caller): object {
  const requests = Object.entries(request.RequestItems);
  const wanted = requests.reduce((sum, [, { Keys }]) => sum + Keys.length, 0);
  if (wanted > MAX_BATCH_KEYS) {
    throw new AwsError('ValidationException', 'Too many items requested for the BatchGetItem call');
  }
  const used: TableUnits[] = [];
  const responses: Record<string, Item[]> = {};
  const unprocessed: Record<string, object> = {};
  let bytes = 0;
  for (const [name, options] of requests) {
    const table = database.table(name);
    const found: Item[] = [];
    const left: Item[] = [];
    for (const key of options.Keys) {
      const place = readableKey(table, key, options._projection);
      const item = database.visibility.item(table, place, readingOf('BatchGetItem', options, caller));
      const size = item === undefined ? 0 : itemSizeBytes(item);
      if (bytes + size > MAX_BATCH_BYTES) {
        left.push(key);
        continue;
      }
      bytes += size;
      used.push(readUnits(table, item, costOf(options)));
      if (item !== undefined) found.push(projected(item, options));
    }
    responses[name] = found;
    const { _projection, ...asked } = options;
    if (left.length > 0) unprocessed[name] = { ...asked, Keys: left };
  }
  return {
    Responses: responses,
    UnprocessedKeys: unprocessed,
    ConsumedCapacity: consumedCapacity(request.ReturnConsumedCapacity, used),
  };
}

/** Filter and projection are ours; dynalite reads, pages and counts. */
async function rangeRead(action: 'query' | 'scan', view: ReadView, request: RangeRequest): Promise<object> {
  const { _filter: filter, _projection: projection, Select } = request;
  const page = await runRead<{ Items?: readonly Item[] }>(action, view, {
    ...request,
    ...(filter === undefined ? {} : { _filter: { ...filter, expression: KEEP_ALL } }),
    ...(projection === undefined ? {} : { _projection: { nestedPaths: projection.nestedPaths } }),
    ...(Select === 'COUNT' ? { Select: undefined } : {}),
  });
  const kept = (page.Items ?? []).filter((item) => filter === undefined || holds(filter.expression, item));
  const Items = projection === undefined ? kept : kept.map((item) => projected(item, request));
  return { ...page, Count: kept.length, Items: Select === 'COUNT' ? undefined : Items };
}

/** dynalite takes a comparison that it does not know for true. */
const KEEP_ALL = { type: 'function', name: 'keep_all', args: [] };

function viewOf(
  table: Table,
  { IndexName, ExclusiveStartKey }: RangeRequest,
  visibility: Visibility,
  reading: Reading,
): ReadView {
  const definition = indexesOf(table.description).find((index) => index.IndexName === IndexName);
  return {
    schema: table.description,
    item: (key) => table.items.get(key),
    items: (range) => {
      const seen = visibility.range(table, reading, (key) => isWithin(range, key));
      if (seen.size === 0) return valuesOf(table.items.entries(range));
      const entries = [...seen].flatMap(([key, item]) => (item === undefined ? [] : [[key, item] as const]));
      return valuesOf(overlaid(table.items.entries(range), range, new Set(seen.keys()), entries));
    },
    indexItems(indexName, range) {
      const entries = table.indexes.get(indexName);
      if (entries === undefined || definition === undefined) return [];
      const start =
        ExclusiveStartKey === undefined
          ? undefined
          : indexKey(ExclusiveStartKey, table.description, definition.KeySchema);
      const wanted = start === undefined ? range : startAfter(range, start);
      const entryOf = (item: Item | undefined) => indexEntry(table.description, definition, item);
      const seen = visibility.range(table, reading, (_key, item) => isWithin(wanted, entryOf(item)?.key));
      if (seen.size === 0) return valuesOf(entries.entries(wanted));
      const hidden = new Set([...seen.keys()].map((key) => entryOf(table.items.get(key))?.key));
      const added = [...seen.values()].flatMap((item) => {
        const entry = entryOf(item);
        return entry === undefined ? [] : [[entry.key, entry.item] as const];
      });
      return valuesOf(overlaid(entries.entries(wanted), wanted, hidden, added));
    },
  };
}

/** dynalite's own start key is only the beginning of ours, see `indexKey`. */
const startAfter = (range: KeyRange, start: string): KeyRange =>
  range.reverse === true ? { ...range, lt: start } : { ...range, gt: start };

function* valuesOf(entries: Iterable<readonly [string, Item]>): Generator<Item> {
  for (const [, item] of entries) yield item;
}
