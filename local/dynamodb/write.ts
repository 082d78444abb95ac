import { AwsError } from '../endpoint/aws-error.ts';
import { type Conditional, conditionHolds } from './condition.ts';
import { itemKey, itemProblem, keyProblem, updateProblem } from './dynalite.ts';
import type { ParsedUpdate } from './expressions.ts';
import type { Item } from './item.ts';
import { itemSizeBytes } from './item-size.ts';
import { indexesOf, keyTypeOf } from './schema.ts';
import type { ItemChange, Table } from './table.ts';
import { applyUpdate } from './update-item.ts';

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_ITEM_BYTES = 400 * 1024;

/** A write whose request is valid by itself; it is not known yet whether it fits the table and the item. */
export type Write =
  | (ConditionalWrite & { readonly kind: 'put'; readonly Item: Item })
  | (ConditionalWrite & { readonly kind: 'update'; readonly Key: Item; readonly _updates?: ParsedUpdate })
  | (ConditionalWrite & { readonly kind: 'delete'; readonly Key: Item })
  | (ConditionalWrite & { readonly kind: 'check'; readonly Key: Item });

interface ConditionalWrite extends Conditional {
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}

/** @throws AwsError `ValidationException` */
export function checkPutSize(item: Item): void {
  if (itemSizeBytes(item) <= MAX_ITEM_BYTES) return;
  throw new AwsError('ValidationException', 'Item size has exceeded the maximum allowed size');
}

/**
 * Where a write goes, checked against the table's keys.
 * @throws AwsError `ValidationException`
 */
export function locate(table: Table, write: Write): string {
  const { description } = table;
  const mismatch =
    write.kind === 'put'
      ? itemProblem(write.Item, description)
      : (keyProblem(write.Key, description) ??
        (write.kind === 'update' && write._updates !== undefined
          ? updateProblem(write._updates, description)
          : undefined));
  if (mismatch !== undefined) throw new AwsError('ValidationException', mismatch);
  return itemKey(write.kind === 'put' ? write.Item : write.Key, description);
}

/**
 * What a write would change, as things stand; changes nothing itself.
 * @throws AwsError `ConditionalCheckFailedException`, `ValidationException`
 */
export function evaluate(table: Table, key: string, write: Write): ItemChange {
  const before = table.items.get(key);
  if (!conditionHolds(write, before)) {
    const shown = write.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before !== undefined;
    throw new AwsError('ConditionalCheckFailedException', 'The conditional request failed', {
      fields: shown ? { Item: before } : {},
    });
  }
  switch (write.kind) {
    case 'check':
      return { table, key, before, after: before };
    case 'delete':
      return { table, key, before, after: undefined };
    case 'put':
      checkIndexKeys(table, write.Item);
      return { table, key, before, after: write.Item };
    case 'update': {
      const start = before ?? write.Key;
      const after = write._updates === undefined ? start : applyUpdate(start, write._updates);
      if (itemSizeBytes(after) > MAX_ITEM_BYTES) {
        throw new AwsError('ValidationException', 'Item size to update has exceeded the maximum allowed size');
      }
      checkIndexKeys(table, after);
      return { table, key, before, after };
    }
  }
}

function checkIndexKeys(table: Table, item: Item): void {
  for (const { IndexName, KeySchema } of indexesOf(table.description)) {
    for (const { AttributeName } of KeySchema) {
      const value = item[AttributeName];
      const expected = keyTypeOf(table.description, AttributeName);
      if (value === undefined || expected === undefined) continue;
      const content = value[expected];
      if (content === undefined) {
        throw new AwsError(
          'ValidationException',
          `One or more parameter values were invalid: Type mismatch for Index Key ${AttributeName} Expected: ${expected} Actual: ${Object.keys(value)[0]} IndexName: ${IndexName}`,
        );
      }
      if (content === '') {
        throw new AwsError(
          'ValidationException',
          `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${expected === 'S' ? 'string' : 'binary'} value. IndexName: ${IndexName}, IndexKey: ${AttributeName}`,
        );
      }
    }
  }
}
