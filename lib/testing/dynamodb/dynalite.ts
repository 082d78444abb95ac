import { createRequire } from 'node:module';
import { cacheExpressions, type ParseExpression } from './expression-cache.ts';
import { parseCondition, parseProjection, parseUpdate } from './expression-parser/parse-expression.ts';
import type { Item } from './item.ts';
import { expressionProblem } from './limits.ts';
import type { KeySchemaElement, TableSchema } from './schema.ts';

/**
 * What is taken from dynalite (CommonJS, untyped): the rules of requests, and the encoding of keys. The parsing and the
 * evaluation of expressions are ours.
 */
const require = createRequire(import.meta.url);
const db: DynaliteDb = require('dynalite/db');

const PARSERS = { conditionParser: parseCondition, updateParser: parseUpdate, projectionParser: parseProjection };

for (const [name, parse] of Object.entries(PARSERS)) {
  const parser: { parse: ParseExpression } = require(`dynalite/db/${name}`);
  // ours in place of its own, which take exponential time; its rules look the parser up at each call
  parser.parse = cacheExpressions((text, { context }) => parse(text, context));
}

/** How a request looks: member types with their limits, then rules over several members. */
export interface RequestShape {
  readonly types: { readonly [member: string]: unknown };
  /** The message of the first broken rule; it also parses the request's expressions, into members that start with `_`. */
  readonly custom?: (request: object, store: typeof NO_LIMITS) => string | null | undefined;
}

interface DynaliteError extends Error {
  readonly body?: { readonly message?: string };
}

interface DynaliteDb {
  validateItem(item: Item, schema: TableSchema): DynaliteError | null | undefined;
  validateKey(key: Item, schema: TableSchema): DynaliteError | null | undefined;
  validateUpdates(attributeUpdates: undefined, updates: object, schema: TableSchema): DynaliteError | null | undefined;
  validateKeyPaths(nestedPaths: object | undefined, schema: TableSchema): DynaliteError | null | undefined;
  checkConditional(request: object, item: Item | undefined): DynaliteError | null | undefined;
  createKey(item: Item, schema: TableSchema): string;
  createIndexKey(item: Item, schema: TableSchema, keySchema: readonly KeySchemaElement[]): string;
}

/** Sizes are checked by us, in UTF-8 bytes as AWS counts them. */
export const NO_LIMITS = { options: { maxItemSize: Number.POSITIVE_INFINITY } };

/** @param operation as dynalite names its modules: `putItem`. */
export function shapeOf(operation: string): RequestShape {
  const shape: RequestShape = require(`dynalite/validations/${operation}`);
  return { ...shape, custom: (request, store) => expressionProblem(request) ?? shape.custom?.(request, store) };
}

const problem = (error: DynaliteError | null | undefined): string | undefined => error?.body?.message;

/** Each says what AWS would say of a value that does not fit the table, or undefined. */
export const itemProblem = (item: Item, schema: TableSchema) =>
  // without a prototype, since it looks attributes up by names that every object may have
  problem(db.validateItem(Object.assign(Object.create(null), item), schema));
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
