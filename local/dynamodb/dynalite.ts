import { createRequire } from 'node:module';
import { Stream } from 'node:stream';
import { NO_LIMITS, type RequestShape } from '../../lib/testing/dynamodb/dynalite.ts';
import type { DocumentPath } from '../../lib/testing/dynamodb/expressions.ts';
import type { Item } from '../../lib/testing/dynamodb/item.ts';
import type { TableSchema } from '../../lib/testing/dynamodb/schema.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { errorOfNull } from './null-values.ts';
import type { KeyRange } from './sorted-map.ts';

/**
 * What the engine alone takes from dynalite (CommonJS, untyped): the checking of requests, Query and Scan. What it
 * shares with the tables in memory, lib/testing/dynamodb takes. Storage, writes, tables, the evaluation of expressions
 * and all that dynalite lacks are ours.
 */
const require = createRequire(import.meta.url);
const db: DynaliteDb = require('dynalite/db');
const validations: DynaliteValidations = require('dynalite/validations');
const actions: Readonly<Record<'query' | 'scan', DynaliteAction>> = {
  query: require('dynalite/actions/query'),
  scan: require('dynalite/actions/scan'),
};

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
  mapPaths(paths: readonly DocumentPath[], item: Item): Item;
}

interface DynaliteValidations {
  checkTypes(input: object, types: object): object;
  checkValidations(request: object, types: object, custom: RequestShape['custom'], store: object): void;
}

/**
 * Validates a request and parses its expressions (into members that start with `_`). Members that the shape does not
 * know are dropped, as AWS does.
 * @throws AwsError `ValidationException` or `SerializationException`, with AWS's message.
 */
export function parseRequest<Request>(shape: RequestShape, input: JsonObject): Request {
  try {
    const request = validations.checkTypes({ ...input }, shape.types);
    checkNulls(request);
    validations.checkValidations(request, shape.types, shape.custom, NO_LIMITS);
    return request as Request;
  } catch (error) {
    throw (error instanceof TypeError ? errorOfNull(input) : undefined) ?? toAwsError(error as DynaliteError);
  }
}

/** Members that are null are dropped; lists and maps keep theirs. */
function checkNulls(request: object): void {
  const place = placeOfNull(request);
  if (place === undefined) return;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value null at '${place}' failed to satisfy constraint: Member must not be null`,
  );
}

function placeOfNull(node: object): string | undefined {
  const members: Readonly<Record<string, unknown>> = { ...node };
  for (const name in members) {
    const member = members[name];
    if (typeof member !== 'object') continue;
    const step = Array.isArray(node) ? `member.${Number(name) + 1}` : name.slice(0, 1).toLowerCase() + name.slice(1);
    if (member === null) return step;
    const within = placeOfNull(member);
    if (within !== undefined) return `${step}.${within}`;
  }
  return undefined;
}

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
