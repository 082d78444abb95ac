import { holds } from '../../lib/testing/dynamodb/condition.ts';
import { indexKey, itemKey, keyProblem, pathProblem } from '../../lib/testing/dynamodb/dynalite.ts';
import type { ParsedCondition, ParsedProjection } from '../../lib/testing/dynamodb/expressions.ts';
import { type Item, pickAttributes } from '../../lib/testing/dynamodb/item.ts';
import { itemSizeBytes } from '../../lib/testing/dynamodb/item-size.ts';
import { indexesOf } from '../../lib/testing/dynamodb/schema.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { type CapacityDetail, consumedCapacity, readUnits, type TableUnits } from './consumed-capacity.ts';
import type { Database } from './database.ts';
import { parseRequest, project, type ReadView, runRead } from './dynalite.ts';
import { ITEM_SHAPES } from './item-shapes.ts';
import type { Operations } from './operation.ts';
import type { KeyRange } from './sorted-map.ts';
import type { Table } from './table.ts';

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
  const readRange = (action: 'query' | 'scan') => (input: JsonObject) => {
    const request = parseRequest<RangeRequest>(action === 'query' ? ITEM_SHAPES.Query : ITEM_SHAPES.Scan, input);
    return rangeRead(action, database.table(request.TableName), request);
  };

  return {
    GetItem(input) {
      const request = parseRequest<GetRequest>(ITEM_SHAPES.GetItem, input);
      const table = database.table(request.TableName);
      const item = readItem(table, request.Key, request._projection);
      const [used] = consumedCapacity(request.ReturnConsumedCapacity, [readUnits(table, item, costOf(request))]) ?? [];
      return { Item: item === undefined ? undefined : projected(item, request), ConsumedCapacity: used };
    },
    BatchGetItem(input) {
      const request = parseRequest<BatchGetRequest>(ITEM_SHAPES.BatchGetItem, input);
      return batchGet(database, request);
    },
    Query: readRange('query'),
    Scan: readRange('scan'),
  };
}

/** @throws AwsError `ValidationException` when the key or the projection does not fit the table. */
export function readItem(table: Table, key: Item, projection: ParsedProjection | undefined): Item | undefined {
  const mismatch = keyProblem(key, table.description) ?? pathProblem(projection?.nestedPaths, table.description);
  if (mismatch !== undefined) throw new AwsError('ValidationException', mismatch);
  return table.items.get(itemKey(key, table.description));
}

export function projected(item: Item, { _projection, AttributesToGet }: ReadOptions): Item {
  if (_projection !== undefined) return project(item, _projection.paths);
  return AttributesToGet === undefined ? item : pickAttributes(item, AttributesToGet);
}

const costOf = ({ ConsistentRead = false }: ReadOptions) => (ConsistentRead ? 1 : 0.5);

function batchGet(database: Database, request: BatchGetRequest): object {
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
      const item = readItem(table, key, options._projection);
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
async function rangeRead(action: 'query' | 'scan', table: Table, request: RangeRequest): Promise<object> {
  const { _filter: filter, _projection: projection, Select } = request;
  const page = await runRead<{ Items?: readonly Item[] }>(action, viewOf(table, request), {
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

function viewOf(table: Table, { IndexName, ExclusiveStartKey }: RangeRequest): ReadView {
  const definition = indexesOf(table.description).find((index) => index.IndexName === IndexName);
  return {
    schema: table.description,
    item: (key) => table.items.get(key),
    items: (range) => valuesOf(table.items.entries(range)),
    indexItems(indexName, range) {
      const entries = table.indexes.get(indexName);
      if (entries === undefined || definition === undefined) return [];
      const start =
        ExclusiveStartKey === undefined
          ? undefined
          : indexKey(ExclusiveStartKey, table.description, definition.KeySchema);
      return valuesOf(entries.entries(start === undefined ? range : startAfter(range, start)));
    },
  };
}

/** dynalite's own start key is only the beginning of ours, see `indexKey`. */
const startAfter = (range: KeyRange, start: string): KeyRange =>
  range.reverse === true ? { ...range, lt: start } : { ...range, gt: start };

function* valuesOf(entries: Iterable<readonly [string, Item]>): Generator<Item> {
  for (const [, item] of entries) yield item;
}
