import { createRequire } from 'node:module';
import { attributeNameProblem } from '../../lib/testing/dynamodb/attribute-rules.ts';
import { cacheExpressions } from '../../lib/testing/dynamodb/expression-cache.ts';
import {
  type ExpressionContext,
  parseCondition,
  parseProjection,
  parseUpdate,
} from '../../lib/testing/dynamodb/expression-parser/parse-expression.ts';
import type { ParsedCondition } from '../../lib/testing/dynamodb/expressions.ts';
import type { AttributeValue, Item } from '../../lib/testing/dynamodb/item.ts';
import { expressionProblem } from '../../lib/testing/dynamodb/limits.ts';
import type { KeySchemaElement, TableSchema } from '../../lib/testing/dynamodb/schema.ts';
import { fromLegacyConditions, type LegacyConditions, legacyProblem, legacyValues } from './legacy-conditions.ts';
import { dropPlusSigns, isPlusSignProblem } from './plus-signs.ts';

/**
 * What is taken from dynalite (CommonJS, untyped): the rules of requests, and the text of keys. The parsing and the
 * evaluation of expressions are ours, as are the rules that the harness's tables in memory have for themselves (ADR 44).
 */
const require = createRequire(import.meta.url);
const db: DynaliteDb = require('dynalite/db');
const { validateAttributeValue: valueProblem }: DynaliteRules = require('dynalite/validations');

const PARSERS = { conditionParser: parseCondition, updateParser: parseUpdate, projectionParser: parseProjection };

for (const [name, parse] of Object.entries(PARSERS)) {
  const parser: DynaliteParser = require(`dynalite/db/${name}`);
  // ours in place of its own, which take exponential time; its rules look the parser up at each call
  const cached = cacheExpressions<unknown>(parse);
  parser.parse = (text, { context }) => cached(text, context);
}

/** How a request looks: member types with their limits, then rules over several members. */
export interface RequestShape {
  readonly types: { readonly [member: string]: unknown };
  /** The message of the first broken rule; it also parses the request's expressions, into members that start with `_`. */
  readonly custom?: (request: object, store: typeof NO_LIMITS) => string | null | undefined;
}

interface DynaliteParser {
  parse: (text: string, options: { readonly context: ExpressionContext }) => unknown;
}

interface DynaliteError extends Error {
  readonly body?: { readonly message?: string };
}

interface DynaliteRules {
  /** Also writes numbers as DynamoDB keeps them, in place. */
  validateAttributeValue(value: AttributeValue): string | null | undefined;
}

interface DynaliteDb {
  validateKeyPaths(nestedPaths: object | undefined, schema: TableSchema): DynaliteError | null | undefined;
  createKey(item: Item, schema: TableSchema): string;
  validateKeyPiece(key: Item, name: string, type: string, isHash: boolean): DynaliteError | null | undefined;
  hashPrefix(value: string, type: string): string;
  toRangeStr(value: AttributeValue): string;
  itemSize(item: Item, compress: boolean, addMetaSize: boolean, rangeKey: string | undefined): number;
  createIndexKey(item: Item, schema: TableSchema, keySchema: readonly KeySchemaElement[]): string;
}

/** Sizes are checked by us, in UTF-8 bytes as AWS counts them. */
export const NO_LIMITS = { options: { maxItemSize: Number.POSITIVE_INFINITY } };

/** @param operation as dynalite names its modules: `putItem`. */
export function shapeOf(operation: string): RequestShape {
  const shape: RequestShape = require(`dynalite/validations/${operation}`);
  return {
    ...shape,
    custom(request, store) {
      const rules = () => shape.custom?.(request, store);
      const problem = expressionProblem(request) ?? attributeNameProblem(request);
      if (problem !== undefined) return problem;
      if (hasLegacyConditions(request)) {
        dropPlusSigns(request);
        return withLegacyConditions(request, rules);
      }
      const broken = rules();
      // hardly any request has such numbers: none pays for the search but those
      if (broken == null || !isPlusSignProblem(broken)) return broken;
      dropPlusSigns(request);
      return rules();
    },
  };
}

interface LegacyRequest {
  Expected?: LegacyConditions;
  QueryFilter?: LegacyConditions;
  ScanFilter?: LegacyConditions;
  readonly ConditionalOperator?: 'AND' | 'OR';
  _condition?: ParsedCondition;
  _filter?: FilterCondition;
}

export type FilterCondition = ParsedCondition & {
  readonly nestedPaths: Readonly<Record<string, true>>;
  readonly pathHeads: Readonly<Record<string, true>>;
  /** Set when it came from the older members. */
  readonly isLegacy?: boolean;
};

/** Also those that come to nothing, since they may be refused. */
const hasLegacyConditions = (request: LegacyRequest): boolean =>
  request.Expected !== undefined ||
  request.QueryFilter !== undefined ||
  request.ScanFilter !== undefined ||
  request.ConditionalOperator !== undefined;

/** Puts what the older members ask for where expressions are put; dynalite refuses types that DynamoDB takes there. */
function withLegacyConditions(
  request: LegacyRequest,
  rules: () => string | null | undefined,
): string | null | undefined {
  const { Expected, QueryFilter, ScanFilter, ConditionalOperator } = request;
  const filter = QueryFilter ?? ScanFilter;
  if (QueryFilter !== undefined) request.QueryFilter = withoutTypes(QueryFilter);
  if (ScanFilter !== undefined) request.ScanFilter = withoutTypes(ScanFilter);
  const conditions = Expected ?? filter ?? {};
  const problem =
    // before the rules, which compare the bounds of a range as they are
    firstValueProblem(Expected ?? {}) ??
    rules() ??
    legacyProblem(conditions, ConditionalOperator) ??
    firstValueProblem(filter ?? {});
  if (problem != null) return problem;
  const condition = fromLegacyConditions(Expected ?? {}, ConditionalOperator);
  if (condition !== undefined) request._condition = { expression: condition };
  const filtered = fromLegacyConditions(filter ?? {}, ConditionalOperator);
  if (filtered === undefined) return undefined;
  const pathHeads = Object.fromEntries(Object.keys(filter ?? {}).map((name) => [name, true as const]));
  request._filter = { expression: filtered, nestedPaths: {}, pathHeads, isLegacy: true };
  return undefined;
}

const firstValueProblem = (conditions: LegacyConditions) =>
  legacyValues(conditions)
    .map(valueProblem)
    .find((each) => each != null);

/** EQ and NE with an operand of a type that dynalite takes. */
const withoutTypes = (conditions: LegacyConditions): LegacyConditions =>
  Object.fromEntries(
    Object.entries(conditions).map(([name, condition]) => {
      const { ComparisonOperator, AttributeValueList } = condition;
      const anyType = ComparisonOperator === 'EQ' || ComparisonOperator === 'NE';
      return [
        name,
        anyType && AttributeValueList !== undefined
          ? { ...condition, AttributeValueList: AttributeValueList.map(() => ({ S: '' })) }
          : condition,
      ];
    }),
  );

const problem = (error: DynaliteError | null | undefined): string | undefined => error?.body?.message;

/** Each says what AWS would say of what does not fit the table, or undefined. */
export const pathProblem = (nestedPaths: object | undefined, schema: TableSchema) =>
  problem(db.validateKeyPaths(nestedPaths, schema));

export const keyPieceProblem = (key: Item, name: string, type: string, isHash: boolean) =>
  problem(db.validateKeyPiece(key, name, type, isHash));

/** What the key of an item starts with, by its first HASH attribute. */
export function hashPrefixOf(value: AttributeValue): string {
  const [[type, content] = ['S', '']] = Object.entries(value);
  return db.hashPrefix(String(content), type);
}

/** How a value stands in the text of a key. */
export const rangeText = (value: AttributeValue): string =>
  Object.keys(value).length === 0 ? '' : db.toRangeStr(value);

/** How much of a page an item takes: more than its size, as was measured on AWS. */
export const pageBytes = (item: Item, schema: TableSchema): number =>
  db.itemSize(item, true, true, schema.KeySchema[1]?.AttributeName);

/** Text whose order is that of the table's items; takes an item or its key. */
export const itemKey = (item: Item, schema: TableSchema): string => db.createKey(item, schema);

/** As `itemKey`, within an index. dynalite's own key ends in a short hash of the item's key; the whole key follows it. */
export const indexKey = (item: Item, schema: TableSchema, keySchema: readonly KeySchemaElement[]): string =>
  `${db.createIndexKey(item, schema, keySchema)}/${itemKey(item, schema)}`;
