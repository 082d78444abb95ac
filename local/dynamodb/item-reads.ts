import type { ParsedProjection } from '../../lib/testing/dynamodb/expressions.ts';
import { type Item, pickAttributes } from '../../lib/testing/dynamodb/item.ts';
import { itemSizeBytes } from '../../lib/testing/dynamodb/item-size.ts';
import { keyProblem } from '../../lib/testing/dynamodb/key-rules.ts';
import { indexesOf } from '../../lib/testing/dynamodb/schema.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { Caller, JsonObject } from '../endpoint/service.ts';
import { type CapacityDetail, consumedCapacity, readUnits, type TableUnits } from './consumed-capacity.ts';
import type { Database } from './database.ts';
import { parseRequest, project } from './dynalite.ts';
import type { ReadOperation } from './faults.ts';
import { ITEM_SHAPES } from './item-shapes.ts';
import type { Operations } from './operation.ts';
import { planQuery } from './query-plan.ts';
import type { RangeRequest } from './range-request.ts';
import { type ReadView, readPage } from './read-page.ts';
import { itemKey, pathProblem } from './request-rules.ts';
import { planScan } from './scan-plan.ts';
import { checkSelect } from './selection.ts';
import { isWithin, overlaid } from './sorted-map.ts';
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

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;
const MAX_BATCH_KEYS = 100;

/** GetItem, BatchGetItem, Query, Scan. */
export function createItemReads(database: Database): Operations {
  const { visibility } = database;
  const readRange = (operation: 'Query' | 'Scan') => (input: JsonObject, caller: Caller) => {
    const request = parseRequest<RangeRequest>(ITEM_SHAPES[operation], input);
    checkSelect(request);
    const table = database.table(request.TableName);
    const plan = operation === 'Query' ? planQuery(table.description, request) : planScan(table.description, request);
    const view = viewOf(table, request, visibility, readingOf(operation, request, caller, request.IndexName));
    return readPage(plan, view, request, (item) => projected(item, request));
  };

  return {
    GetItem(input, caller) {
      const request = parseRequest<GetRequest>(ITEM_SHAPES.GetItem, input);
      const table = database.table(request.TableName);
      const key = readableKey(table, request.Key, request._projection);
      const item = visibility.item(table, key, readingOf('GetItem', request, caller));
      const units = () => [readUnits(table, item, costOf(request))];
      const [used] = consumedCapacity(request.ReturnConsumedCapacity, units) ?? [];
      return { Item: item === undefined ? undefined : projected(item, request), ConsumedCapacity: used };
    },
    BatchGetItem(input, caller) {
      const request = parseRequest<BatchGetRequest>(ITEM_SHAPES.BatchGetItem, input);
      return batchGet(database, request, caller);
    },
    Query: readRange('Query'),
    Scan: readRange('Scan'),
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
    ConsumedCapacity: consumedCapacity(request.ReturnConsumedCapacity, () => used),
  };
}

function viewOf(table: Table, { IndexName }: RangeRequest, visibility: Visibility, reading: Reading): ReadView {
  const definition = indexesOf(table.description).find((index) => index.IndexName === IndexName);
  const item = (key: string) => table.items.get(key);
  if (definition === undefined) {
    return {
      item,
      items: (range) => {
        const seen = visibility.range(table, reading, (key) => isWithin(range, key));
        if (seen.size === 0) return valuesOf(table.items.entries(range));
        const entries = [...seen].flatMap(([key, state]) => (state === undefined ? [] : [[key, state] as const]));
        return valuesOf(overlaid(table.items.entries(range), range, new Set(seen.keys()), entries));
      },
    };
  }
  const entryOf = (state: Item | undefined) => indexEntry(table.description, definition, state);
  return {
    item,
    items(range) {
      const entries = table.indexes.get(definition.IndexName);
      if (entries === undefined) return [];
      const seen = visibility.range(table, reading, (_key, state) => isWithin(range, entryOf(state)?.key));
      if (seen.size === 0) return valuesOf(entries.entries(range));
      const hidden = new Set([...seen.keys()].map((key) => entryOf(table.items.get(key))?.key));
      const added = [...seen.values()].flatMap((state) => {
        const entry = entryOf(state);
        return entry === undefined ? [] : [[entry.key, entry.item] as const];
      });
      return valuesOf(overlaid(entries.entries(range), range, hidden, added));
    },
  };
}

function* valuesOf(entries: Iterable<readonly [string, Item]>): Generator<Item> {
  for (const [, item] of entries) yield item;
}
