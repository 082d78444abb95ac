import { ownMember } from '../../definitions/index.ts';
import { checkNumber } from './attribute-values.ts';
import type { ParsedUpdate } from './expressions.ts';
import type { AttributeValue, Item } from './item.ts';
import { keySizeProblem } from './limits.ts';
import { type KeySchemaElement, keyTypeOf, type TableSchema } from './schema.ts';

/** DynamoDB's message about an item without a valid key of its table; undefined if the key is valid. */
export function itemProblem(item: Item, schema: TableSchema): string | undefined {
  for (const { AttributeName: name, KeyType } of schema.KeySchema) {
    const value = ownMember(item, name);
    const type = keyTypeOf(schema, name) ?? 'S';
    if (value === undefined) return invalid(`Missing the key ${name} in the item`);
    const content = value[type];
    if (content === undefined) {
      return invalid(`Type mismatch for key ${name} expected: ${type} actual: ${Object.keys(value)[0]}`);
    }
    if (content === '') {
      return `One or more parameter values are not valid. ${emptyKey(name, type)}`;
    }
    const tooLong = keySizeProblem(value, KeyType);
    if (type !== 'N' && tooLong !== undefined) return tooLong;
  }
  return indexProblem(schema, (name) => ownMember(item, name) && Object.keys(ownMember(item, name) ?? {})[0]);
}

/** The same for a key. */
export function keyProblem(key: Item, schema: TableSchema): string | undefined {
  if (Object.keys(key).length !== schema.KeySchema.length) return MISFIT;
  for (const { AttributeName: name, KeyType } of schema.KeySchema) {
    const value = ownMember(key, name);
    const type = keyTypeOf(schema, name) ?? 'S';
    const content = value?.[type];
    if (value === undefined || content === undefined) return MISFIT;
    if (content === '') return invalid(emptyKey(name, type));
    const tooLong = keySizeProblem(value, KeyType);
    if (type !== 'N' && tooLong !== undefined) return tooLong;
  }
  return undefined;
}

/** The same for an update: keys stay as they are, and index keys keep their type. */
export function updateProblem(update: ParsedUpdate, schema: TableSchema): string | undefined {
  const { sections, nestedPaths = {} } = update;
  const changed = schema.KeySchema.find(({ AttributeName }) => sections.some(({ path }) => path[0] === AttributeName));
  if (changed !== undefined) {
    return invalid(`Cannot update attribute ${changed.AttributeName}. This attribute is part of the key`);
  }
  const typeOf = (name: string) => {
    const section = sections.find(({ path }) => path.length === 1 && path[0] === name);
    return section !== undefined && 'attrType' in section ? (section.attrType ?? undefined) : undefined;
  };
  return indexProblem(schema, typeOf) ?? nestedKeyProblem(nestedPaths, schema);
}

/** A text that is the same for all forms of a key. */
export const keyText = (item: Item, { KeySchema }: TableSchema): string =>
  JSON.stringify(KeySchema.map(({ AttributeName }) => comparable(ownMember(item, AttributeName) ?? {})));

function comparable(value: AttributeValue): unknown {
  if (value.N === undefined) return value.S ?? value.B;
  const number = checkNumber(value.N);
  return 'text' in number ? number.text : value.N;
}

const MISFIT = 'The provided key element does not match the schema';

const invalid = (problem: string): string => `One or more parameter values were invalid: ${problem}`;

const emptyKey = (name: string, type: string): string =>
  `The AttributeValue for a key attribute cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value. Key: ${name}`;

/** DynamoDB's message about the type of an index key, for the index that it checks first. */
function indexProblem(schema: TableSchema, typeOf: (name: string) => string | undefined): string | undefined {
  for (const { IndexName, KeySchema } of globalFirst(schema)) {
    for (const { AttributeName } of KeySchema) {
      const [expected, actual] = [keyTypeOf(schema, AttributeName), typeOf(AttributeName)];
      if (actual === undefined || actual === expected) continue;
      return invalid(
        `Type mismatch for Index Key ${AttributeName} Expected: ${expected} Actual: ${actual} IndexName: ${IndexName}`,
      );
    }
  }
  return undefined;
}

function nestedKeyProblem(nestedPaths: Readonly<Record<string, true>>, schema: TableSchema): string | undefined {
  const nested = (keys: readonly KeySchemaElement[]) =>
    keys.find(({ AttributeName }) => ownMember(nestedPaths, AttributeName) !== undefined)?.AttributeName;
  const problem = (what: string) =>
    `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ${what}`;
  const key = nested(schema.KeySchema);
  if (key !== undefined) return problem(`Key: ${key}`);
  const indexKey = nested(globalFirst(schema).flatMap(({ KeySchema }) => KeySchema));
  return indexKey === undefined ? undefined : problem(`IndexKey: ${indexKey}`);
}

const globalFirst = (schema: TableSchema) => [
  ...(schema.GlobalSecondaryIndexes ?? []),
  ...(schema.LocalSecondaryIndexes ?? []),
];
