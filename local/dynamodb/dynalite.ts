import { createRequire } from 'node:module';
import { Stream } from 'node:stream';
import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { cacheExpressions, type ParseExpression } from './expression-cache.ts';
import type { DocumentPath } from './expressions.ts';
import type { Item } from './item.ts';
import type { KeySchemaElement, TableSchema } from './schema.ts';
import type { KeyRange } from './sorted-map.ts';

/**
 * The only file that touches dynalite (CommonJS, untyped). Taken from it: request validation with its expression
 * parsers, key encoding, Query and Scan. Storage, writes, tables, the evaluation of expressions and all that dynalite
 * lacks are ours.
 */
const require = createRequire(import.meta.url);
const db: DynaliteDb = require('dynalite/db');
const validations: DynaliteValidations = require('dynalite/validations');
const actions: Readonly<Record<'query' | 'scan', DynaliteAction>> = {
  query: require('dynalite/actions/query'),
  scan: require('dynalite/actions/scan'),
};

for (const name of ['conditionParser', 'updateParser', 'projectionParser']) {
  const parser: { parse: ParseExpression } = require(`dynalite/db/${name}`);
  // the validations look it up at each call
  parser.parse = cacheExpressions(parser.parse);
}

/** How a request looks: member types with their limits, then rules over several members. */
export interface RequestShape {
  readonly types: { readonly [member: string]: unknown };
  /** The message of the first broken rule. */
  readonly custom?: (request: object, store: typeof NO_LIMITS) => string | null | undefined;
}

/** What Query and Scan read from; everything is answered at once. */
export interface ReadView {
  readonly schema: TableSchema;
  item(key: string): Item | undefined;
  items(range: KeyRange): Iterable<Item>;
  indexItems(indexName: string, range: KeyRange): Iterable<Item>;
}

interface DynaliteError extends Error {
  readonly statusCode?: number;
  readonly body?: { readonly __type: string; readonly message?: string; readonly Message?: string };
}

type Callback = (error: DynaliteError | null, result?: unknown) => void;
type DynaliteAction = (store: object, request: object, callback: Callback) => void;

interface DynaliteDb {
  validateItem(item: Item, schema: TableSchema): DynaliteError | null | undefined;
  validateKey(key: Item, schema: TableSchema): DynaliteError | null | undefined;
  validateUpdates(attributeUpdates: undefined, updates: object, schema: TableSchema): DynaliteError | null | undefined;
  validateKeyPaths(nestedPaths: object | undefined, schema: TableSchema): DynaliteError | null | undefined;
  checkConditional(request: object, item: Item | undefined): DynaliteError | null | undefined;
  createKey(item: Item, schema: TableSchema): string;
  createIndexKey(item: Item, schema: TableSchema, keySchema: readonly KeySchemaElement[]): string;
  mapPaths(paths: readonly DocumentPath[], item: Item): Item;
}

interface DynaliteValidations {
  checkTypes(input: object, types: object): object;
  checkValidations(request: object, types: object, custom: RequestShape['custom'], store: object): void;
}

/** Sizes are checked by us, in UTF-8 bytes as AWS counts them. */
const NO_LIMITS = { options: { maxItemSize: Number.POSITIVE_INFINITY } };

/** @param operation as dynalite names its modules: `putItem`. */
export const shapeOf = (operation: string): RequestShape => require(`dynalite/validations/${operation}`);

/**
 * Validates a request and parses its expressions (into members that start with `_`). Members that the shape does not
 * know are dropped, as AWS does.
 * @throws AwsError `ValidationException` or `SerializationException`, with AWS's message.
 */
export function parseRequest<Request>(shape: RequestShape, input: JsonObject): Request {
  try {
    const request = validations.checkTypes({ ...input }, shape.types);
    validations.checkValidations(request, shape.types, shape.custom, NO_LIMITS);
    return request as Request;
  } catch (error) {
    throw toAwsError(error as DynaliteError);
  }
}

const problem = (error: DynaliteError | null | undefined): string | undefined => error?.body?.message;

/** Each says what AWS would say of a value that does not fit the table, or undefined. */
export const itemProblem = (item: Item, schema: TableSchema) => problem(db.validateItem(item, schema));
export const keyProblem = (key: Item, schema: TableSchema) => problem(db.validateKey(key, schema));
export const updateProblem = (updates: object, schema: TableSchema) =>
  problem(db.validateUpdates(undefined, updates, schema));
export const pathProblem = (nestedPaths: object | undefined, schema: TableSchema) =>
  problem(db.validateKeyPaths(nestedPaths, schema));

/** Whether the older `Expected` of a request holds. */
export const expectedHolds = (request: object, item: Item | undefined): boolean =>
  db.checkConditional(request, item) == null;

/** Text whose order is that of the table's items; takes an item or its key. */
export const itemKey = (item: Item, schema: TableSchema): string => db.createKey(item, schema);

/** As `itemKey`, within an index. dynalite's own key ends in a short hash of the item's key; the whole key follows it. */
export const indexKey = (item: Item, schema: TableSchema, keySchema: readonly KeySchemaElement[]): string =>
  `${db.createIndexKey(item, schema, keySchema)}/${itemKey(item, schema)}`;

export const project = (item: Item, paths: readonly DocumentPath[]): Item => db.mapPaths(paths, item);

/** Runs a parsed Query or Scan over `view`. */
export function runRead<Page>(action: 'query' | 'scan', view: ReadView, request: object): Promise<Page> {
  return new Promise((resolve, reject) => {
    actions[action](toStore(view), request, (error, result) => {
      if (error == null) resolve(result as Page);
      else reject(toAwsError(error));
    });
  });
}

/** A store as dynalite's read actions expect it. */
function toStore(view: ReadView): object {
  return {
    ...NO_LIMITS,
    getTable: (_name: string, callback: Callback) => callback(null, view.schema),
    getItemDb: () => ({
      get: (key: string, callback: Callback) => callback(null, view.item(key)),
      createValueStream: (range: KeyRange) => toStream(view.items(range)),
    }),
    getIndexDb: (_kind: string, _table: string, indexName: string) => ({
      createValueStream: (range: KeyRange) => toStream(view.indexItems(indexName, range)),
    }),
  };
}

/** Emits in one go, once the reader has attached its listeners. */
function toStream(items: Iterable<Item>): Stream {
  let destroyed = false;
  const stream = Object.assign(new Stream(), {
    destroy() {
      destroyed = true;
    },
  });
  queueMicrotask(() => {
    for (const item of items) {
      if (destroyed) return;
      stream.emit('data', item);
    }
    if (!destroyed) stream.emit('end');
  });
  return stream;
}

function toAwsError(error: DynaliteError): Error {
  if (error.body === undefined) return error;
  const code = error.body.__type.split('#')[1] ?? error.body.__type;
  return new AwsError(code, error.body.message ?? error.body.Message ?? code, { statusCode: error.statusCode ?? 400 });
}
