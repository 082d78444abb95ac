import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Item } from './item-size.ts';
import { partsOf } from './write-subject.ts';

/** Tables in memory, for tests; all writes of a call are applied, or none. */
export interface InMemoryTables {
  get(tableName: string, key: Item): Item | undefined;
  items(tableName: string): readonly Item[];
  /** The first write whose condition does not hold; undefined when all hold. */
  firstRefused(
    writes: readonly TransactWriteItem[],
  ): { readonly index: number; readonly item: Item | undefined } | undefined;
  apply(writes: readonly TransactWriteItem[]): void;
}

/**
 * Of DynamoDB's expressions it knows `attribute_exists(a)`, `attribute_not_exists(a)`, `a = :v`, `a < :v`, `AND`, and
 * `SET a = :v, …`, and refuses others.
 * @param keys key attributes by table name
 */
export function createInMemoryTables(keys: Readonly<Record<string, readonly string[]>>): InMemoryTables {
  const tables = new Map<string, Map<string, Item>>();
  const tableOf = (tableName: string) => {
    const table = tables.get(tableName) ?? new Map<string, Item>();
    tables.set(tableName, table);
    return table;
  };
  const keyOf = (tableName: string, item: Item) => {
    const names = keys[tableName];
    if (names === undefined) throw new Error(`no table '${tableName}': pass its key attributes`);
    return JSON.stringify(names.map((name) => item[name]));
  };
  const get = (tableName: string, key: Item) => tableOf(tableName).get(keyOf(tableName, key));

  return {
    get,
    items: (tableName) => [...tableOf(tableName).values()],
    firstRefused(writes) {
      for (const [index, write] of writes.entries()) {
        const { tableName, target } = partsOf(write);
        const item = get(tableName, target);
        if (!holds(write, item)) return { index, item };
      }
      return undefined;
    },
    apply(writes) {
      for (const write of writes) {
        const { action, tableName, target } = partsOf(write);
        const key = keyOf(tableName, target);
        const table = tableOf(tableName);
        if (action === 'Put') table.set(key, target);
        if (action === 'Delete') table.delete(key);
        if (action === 'Update') table.set(key, { ...target, ...table.get(key), ...assignments(write) });
      }
    },
  };
}

interface Expressive {
  readonly ConditionExpression?: string | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

const expressionsOf = (write: TransactWriteItem): Expressive =>
  write.Put ?? write.Update ?? write.Delete ?? write.ConditionCheck ?? {};

const holds = (write: TransactWriteItem, item: Item | undefined): boolean => {
  const expressions = expressionsOf(write);
  const { ConditionExpression } = expressions;
  return (
    ConditionExpression === undefined ||
    ConditionExpression.split(' AND ').every((term) => termHolds(term, expressions, item))
  );
};

function termHolds(term: string, expressions: Expressive, item: Item | undefined): boolean {
  const { ExpressionAttributeNames = {}, ExpressionAttributeValues = {} } = expressions;
  const [, not, attribute, left, operator, right] =
    /^attribute_(not_)?exists\(([^)]+)\)$|^(\S+) ([=<]) (:\S+)$/.exec(term) ?? [];
  const attributeValue = (name: string) => item?.[ExpressionAttributeNames[name] ?? name];
  if (attribute !== undefined) return (attributeValue(attribute) === undefined) === (not !== undefined);
  const operand = right === undefined ? undefined : ExpressionAttributeValues[right];
  if (left === undefined || operand === undefined)
    throw new Error(`the tables in memory do not know the condition '${term}'`);
  const value = attributeValue(left);
  if (operator === '<') return value?.N !== undefined && Number(value.N) < Number(operand.N);
  return JSON.stringify(value) === JSON.stringify(operand);
}

function assignments(write: TransactWriteItem): Item {
  const { UpdateExpression = '', ExpressionAttributeNames = {}, ExpressionAttributeValues = {} } = expressionsOf(write);
  const assigned: Record<string, AttributeValue> = {};
  for (const clause of UpdateExpression.replace(/^SET /, '').split(', ')) {
    const [, name, value] = /^(\S+) = (:\S+)$/.exec(clause) ?? [];
    const operand = value === undefined ? undefined : ExpressionAttributeValues[value];
    if (name === undefined || operand === undefined) {
      throw new Error(`the tables in memory do not know the update '${UpdateExpression}'`);
    }
    assigned[ExpressionAttributeNames[name] ?? name] = operand;
  }
  return assigned;
}
