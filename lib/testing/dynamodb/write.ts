import { ownMember } from '../../definitions/index.ts';
import { type Conditional, conditionHolds } from './condition.ts';
import { DynamoDbRefusal } from './errors.ts';
import type { ParsedUpdate } from './expressions.ts';
import type { Item } from './item.ts';
import { itemSizeBytes } from './item-size.ts';
import { itemProblem, keyProblem, keyText, updateProblem } from './key-rules.ts';
import { keySizeProblem, nestingProblem } from './limits.ts';
import { indexesOf, keyTypeOf, type TableSchema } from './schema.ts';
import { applyUpdate } from './update-item.ts';

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_ITEM_BYTES = 400 * 1024;

/** A valid write request that is not yet checked against the table and the item. */
export type Write =
  | (ConditionalWrite & { readonly kind: 'put'; readonly Item: Item })
  | (ConditionalWrite & { readonly kind: 'update'; readonly Key: Item; readonly _updates?: ParsedUpdate })
  | (ConditionalWrite & { readonly kind: 'delete'; readonly Key: Item })
  | (ConditionalWrite & { readonly kind: 'check'; readonly Key: Item });

interface ConditionalWrite extends Conditional {
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}

const invalid = (message: string) => new DynamoDbRefusal('ValidationException', message);

/** @throws DynamoDbRefusal `ValidationException` */
export function checkPutSize(item: Item): void {
  if (itemSizeBytes(item) > MAX_ITEM_BYTES) throw invalid('Item size has exceeded the maximum allowed size');
}

/**
 * A text that identifies the key of an item in the table.
 * @throws DynamoDbRefusal `ValidationException`
 */
export function keyOf(schema: TableSchema, key: Item): string {
  const mismatch = keyProblem(key, schema);
  if (mismatch !== undefined) throw invalid(mismatch);
  return keyText(key, schema);
}

/**
 * The item or key of a write, checked against the table's keys.
 * @throws DynamoDbRefusal `ValidationException`
 */
export function placeOf(schema: TableSchema, write: Write): Item {
  const mismatch =
    write.kind === 'put'
      ? itemProblem(write.Item, schema)
      : (keyProblem(write.Key, schema) ??
        (write.kind === 'update' && write._updates !== undefined ? updateProblem(write._updates, schema) : undefined));
  if (mismatch !== undefined) throw invalid(mismatch);
  return write.kind === 'put' ? write.Item : write.Key;
}

/**
 * The item after a write; undefined if there is none.
 * @param before the stored item
 * @throws DynamoDbRefusal `ConditionalCheckFailedException`, `ValidationException`
 */
export function evaluate(schema: TableSchema, before: Item | undefined, write: Write): Item | undefined {
  if (!conditionHolds(write, before)) {
    const shown = write.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? before : undefined;
    throw new DynamoDbRefusal('ConditionalCheckFailedException', 'The conditional request failed', shown);
  }
  switch (write.kind) {
    case 'check':
      return before;
    case 'delete':
      return undefined;
    case 'put':
      checkNesting(write.Item);
      checkIndexKeys(schema, write.Item);
      return write.Item;
    case 'update': {
      if (before === undefined && takesOnlyAway(write._updates)) return undefined;
      const start = before ?? write.Key;
      const after = write._updates === undefined ? start : applyUpdate(start, write._updates);
      if (itemSizeBytes(after) > MAX_ITEM_BYTES) {
        throw invalid('Item size to update has exceeded the maximum allowed size');
      }
      checkNesting(after);
      checkIndexKeys(schema, after);
      return after;
    }
  }
}

/** Such an update does not create an item, and its paths need not exist if there is no item. */
const takesOnlyAway = (update: ParsedUpdate | undefined): boolean =>
  update !== undefined &&
  update.sections.length > 0 &&
  update.sections.every(({ type }) => type === 'remove' || type === 'delete');

function checkNesting(item: Item): void {
  const problem = nestingProblem(item);
  if (problem !== undefined) throw invalid(problem);
}

function checkIndexKeys(schema: TableSchema, item: Item): void {
  for (const { IndexName, KeySchema } of indexesOf(schema)) {
    for (const { AttributeName, KeyType } of KeySchema) {
      const value = ownMember(item, AttributeName);
      const expected = keyTypeOf(schema, AttributeName);
      if (value === undefined || expected === undefined) continue;
      const content = value[expected];
      if (content === undefined) {
        throw invalid(
          `One or more parameter values were invalid: Type mismatch for Index Key ${AttributeName} Expected: ${expected} Actual: ${Object.keys(value)[0]} IndexName: ${IndexName}`,
        );
      }
      if (content === '') {
        throw invalid(
          `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${expected === 'S' ? 'string' : 'binary'} value. IndexName: ${IndexName}, IndexKey: ${AttributeName}`,
        );
      }
      const tooLong = keySizeProblem(value, KeyType);
      if (tooLong !== undefined) throw invalid(tooLong);
    }
  }
}
