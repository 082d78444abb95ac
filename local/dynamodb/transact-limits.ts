import type { Item } from '../../lib/testing/dynamodb/item.ts';
import { itemSizeBytes } from '../../lib/testing/dynamodb/item-size.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { Table } from './table.ts';

/** Each item costs two underlying reads or writes. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html */
export const TRANSACTION_COST_FACTOR = 2;
/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const MAX_ACTIONS = 100;
const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;

/** Comes before any other check: AWS's text would print all the actions. */
export function checkActionCount(items: unknown): void {
  if (!Array.isArray(items) || (items.length > 0 && items.length <= MAX_ACTIONS)) return;
  const constraint = items.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${MAX_ACTIONS}`;
  refuse(
    `1 validation error detected: Value '[${items.length} actions]' at 'transactItems' failed to satisfy constraint: Member must have length ${constraint}`,
  );
}

export function checkDistinct(places: readonly { readonly table: Table; readonly key: string }[]): void {
  const seen = new Set<string>();
  for (const { table, key } of places) {
    const place = `${table.description.TableName}/${key}`;
    if (seen.has(place)) refuse('Transaction request cannot include multiple operations on one item');
    seen.add(place);
  }
}

export function checkTotalSize(items: readonly (Item | undefined)[]): void {
  const bytes = items.reduce((sum, item) => sum + itemSizeBytes(item ?? {}), 0);
  if (bytes <= MAX_TRANSACTION_BYTES) return;
  refuse(
    `The aggregate size of the items in the transaction exceeds 4 MB: it is ${bytes} bytes, allowed are ${MAX_TRANSACTION_BYTES}`,
  );
}

function refuse(message: string): never {
  throw new AwsError('ValidationException', message);
}
