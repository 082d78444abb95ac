import { DynamoDbRefusal } from '../../lib/testing/dynamodb/errors.ts';
import type { Item } from '../../lib/testing/dynamodb/item.ts';
import * as shared from '../../lib/testing/dynamodb/write.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import { itemKey } from './request-rules.ts';
import type { ItemChange, Table } from './table.ts';

export type { Write } from '../../lib/testing/dynamodb/write.ts';

/** @throws AwsError `ValidationException` */
export const checkPutSize = (item: Item): void => answered(() => shared.checkPutSize(item));

/**
 * Where a write goes, checked against the table's keys.
 * @throws AwsError `ValidationException`
 */
export const locate = (table: Table, write: shared.Write): string =>
  itemKey(
    answered(() => shared.placeOf(table.description, write)),
    table.description,
  );

/**
 * What a write would change, as things stand; changes nothing itself.
 * @throws AwsError `ConditionalCheckFailedException`, `ValidationException`
 */
export function evaluate(table: Table, key: string, write: shared.Write): ItemChange {
  // whoever learns how the item is must not see it as it was afterwards
  table.unseen.delete(key);
  const before = table.items.get(key);
  return { table, key, before, after: answered(() => shared.evaluate(table.description, before, write)) };
}

/** A refusal becomes the service's answer. */
function answered<Value>(run: () => Value): Value {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof DynamoDbRefusal)) throw error;
    const { code, message, item } = error;
    throw new AwsError(code, message, { fields: item === undefined ? {} : { Item: item } });
  }
}
