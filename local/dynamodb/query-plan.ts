import type { Item } from '../../lib/testing/dynamodb/item.ts';
import { keyProblem } from '../../lib/testing/dynamodb/key-rules.ts';
import {
  attributeNames,
  type KeySchemaElement,
  keyTypeOf,
  type TableSchema,
} from '../../lib/testing/dynamodb/schema.ts';
import { invalid, type KeyCondition, type RangeRequest, type ReadPlan, sourceOf, tableKeyOf } from './range-request.ts';
import { hashPrefixOf, indexKey, itemKey, keyPieceProblem, rangeText } from './request-rules.ts';
import { checkProjection } from './selection.ts';
import type { KeyRange } from './sorted-map.ts';

const NOT_INDEXABLE = new Set(['NULL', 'NOT_NULL', 'NE', 'CONTAINS', 'NOT_CONTAINS', 'IN']);
const INVALID_START = 'The provided starting key is invalid';

/** Where a Query reads. @throws AwsError `ValidationException` */
export function planQuery(schema: TableSchema, request: RangeRequest): ReadPlan {
  const source = sourceOf(schema, request);
  const { keySchema, keyNames } = source;
  const { KeyConditions: conditions = {}, ExclusiveStartKey: startKey, _filter: filter } = request;
  if (startKey !== undefined && Object.keys(startKey).length !== keyNames.length) throw invalid(INVALID_START);
  for (const element of keySchema) {
    if (startKey !== undefined) checkStartPiece(schema, element, startKey);
    checkCondition(schema, keySchema, element, conditions);
  }
  checkOrder(keySchema, conditions);
  const range = rangeOf(keySchema, conditions);
  const plan = { source, range: { ...range, reverse: request.ScanIndexForward === false } };
  const from = startKey === undefined ? undefined : startOf(schema, keySchema, startKey, conditions, request.IndexName);
  checkFilterNames(keySchema, filter?.pathHeads, request);
  checkProjection(source, request);
  return from === undefined ? plan : { source, range: startAfter(plan.range, from) };
}

const { hasOwn } = Object;

function checkStartPiece(schema: TableSchema, { AttributeName, KeyType }: KeySchemaElement, startKey: Item): void {
  if (!hasOwn(startKey, AttributeName)) throw invalid(INVALID_START);
  const type = keyTypeOf(schema, AttributeName) ?? 'S';
  const problem = keyPieceProblem(startKey, AttributeName, type, KeyType === 'HASH');
  if (problem !== undefined) throw invalid(problem);
}

type Conditions = NonNullable<RangeRequest['KeyConditions']>;

/** The rules that a table's key and a key of one attribute for each part have always had. */
function checkCondition(
  schema: TableSchema,
  keySchema: readonly KeySchemaElement[],
  { AttributeName, KeyType }: KeySchemaElement,
  conditions: Conditions,
): void {
  const isHash = KeyType === 'HASH';
  const count = Object.keys(conditions).length;
  if (isHash && count > keySchema.length) throw invalid('Query key condition not supported');
  const condition = conditions[AttributeName];
  if (condition === undefined) {
    const others = attributeNames(keySchema).filter((name) => hasOwn(conditions, name)).length;
    if (isHash || count > others) throw invalid(`Query condition missed key schema element: ${AttributeName}`);
    return;
  }
  if (NOT_INDEXABLE.has(condition.ComparisonOperator)) {
    throw invalid('Attempted conditional constraint is not an indexable operation');
  }
  const type = keyTypeOf(schema, AttributeName) ?? 'S';
  if (condition.AttributeValueList.some((value) => value[type] === undefined)) {
    throw invalid('One or more parameter values were invalid: Condition parameter type does not match schema type');
  }
  if (isHash && condition.ComparisonOperator !== 'EQ') {
    const several = keySchema.filter((element) => element.KeyType === 'HASH').length > 1;
    throw invalid(
      `Query key condition not supported${several ? ': each HASH attribute of the key needs an equality condition' : ''}`,
    );
  }
}

/** RANGE attributes are given from the first on, and only the last of them otherwise than by equality. */
function checkOrder(keySchema: readonly KeySchemaElement[], conditions: Conditions): void {
  const given = keySchema
    .filter(({ KeyType }) => KeyType === 'RANGE')
    .map(({ AttributeName }) => conditions[AttributeName]);
  const last = given.findLastIndex((condition) => condition !== undefined);
  if (given.slice(0, Math.max(last, 0)).every((condition) => condition?.ComparisonOperator === 'EQ')) return;
  throw invalid(
    'Query key condition not supported: each RANGE attribute before the last one with a condition needs an equality condition',
  );
}

/** Keys are `<hash>/<value>/<value>/…`; `~` comes after every key piece. */
function rangeOf(keySchema: readonly KeySchemaElement[], conditions: Conditions): KeyRange {
  const given = attributeNames(keySchema).flatMap((name) => conditions[name] ?? []);
  const [first] = given;
  const equal = given.filter(({ ComparisonOperator }) => ComparisonOperator === 'EQ');
  const prefix = `${hashPrefixOf(operandOf(first, 0))}/${equal.map((condition) => `${rangeText(operandOf(condition, 0))}/`).join('')}`;
  const last = given.at(-1);
  const text = rangeText(operandOf(last, 0));
  switch (last?.ComparisonOperator) {
    case 'LT':
      return { gte: prefix, lt: `${prefix}${text}/` };
    case 'LE':
      return { gte: prefix, lte: `${prefix}${text}/~` };
    case 'GT':
      return { gt: `${prefix}${text}/~`, lt: `${prefix}~` };
    case 'GE':
      return { gte: `${prefix}${text}/`, lt: `${prefix}~` };
    case 'BEGINS_WITH':
      return { gte: `${prefix}${text}`, lt: `${prefix}${text}~` };
    case 'BETWEEN':
      return { gte: `${prefix}${text}/`, lte: `${prefix}${rangeText(operandOf(last, 1))}/~` };
    default:
      return { gte: prefix, lt: `${prefix}~` };
  }
}

const operandOf = (condition: KeyCondition | undefined, at: number) => condition?.AttributeValueList[at] ?? {};

/** The text of a start key, which must lie where the Query reads. */
function startOf(
  schema: TableSchema,
  keySchema: readonly KeySchemaElement[],
  startKey: Item,
  conditions: Conditions,
  indexName: string | undefined,
): string {
  const problem = keyProblem(tableKeyOf(startKey, schema), schema);
  if (problem !== undefined) throw invalid(`${INVALID_START}: ${problem}`);
  const textOf = (key: Item) => (indexName === undefined ? itemKey(key, schema) : indexKey(key, schema, keySchema));
  const namesOf = (kind: KeySchemaElement['KeyType']) =>
    attributeNames(keySchema.filter(({ KeyType }) => KeyType === kind)).filter((name) => hasOwn(conditions, name));
  const hashes = Object.fromEntries(Object.entries(conditions).filter(([name]) => namesOf('HASH').includes(name)));
  const start = textOf(startKey);
  const sameHash = isInside(rangeOf(keySchema, hashes), start);
  if (namesOf('RANGE').length === 0) {
    if (sameHash) return start;
    throw invalid('The provided starting key is outside query boundaries based on provided conditions');
  }
  const moved = Object.fromEntries(namesOf('HASH').map((name) => [name, operandOf(conditions[name], 0)]));
  if (!isInside(rangeOf(keySchema, conditions), textOf({ ...startKey, ...moved }))) {
    throw invalid('The provided starting key does not match the range key predicate');
  }
  if (!sameHash) throw invalid('The query can return at most one row and cannot be restarted');
  return start;
}

const isInside = ({ gt, gte, lt, lte }: KeyRange, key: string): boolean =>
  (gt === undefined || key > gt) &&
  (gte === undefined || key >= gte) &&
  (lt === undefined || key < lt) &&
  (lte === undefined || key <= lte);

function startAfter({ gt, gte, lt, lte, reverse }: KeyRange, start: string): KeyRange {
  if (reverse === true)
    return { ...(gt === undefined ? {} : { gt }), ...(gte === undefined ? {} : { gte }), lt: start, reverse };
  return { gt: start, ...(lt === undefined ? {} : { lt }), ...(lte === undefined ? {} : { lte }) };
}

function checkFilterNames(
  keySchema: readonly KeySchemaElement[],
  heads: Readonly<Record<string, true>> | undefined,
  { _filter }: RangeRequest,
): void {
  const key = attributeNames(keySchema).find((name) => heads !== undefined && hasOwn(heads, name));
  if (key === undefined) return;
  const kind = _filter?.isLegacy === true ? 'QueryFilter' : 'Filter Expression';
  throw invalid(`${kind} can only contain non-primary key attributes: Primary key attribute: ${key}`);
}
