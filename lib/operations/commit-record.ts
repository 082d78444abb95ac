import {
  type CancellationReason,
  type DynamoDBClient,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';

/**
 * Cancellation reasons after which the cursor is read again. @see
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
const CONFLICTS = new Set(['ConditionalCheckFailed', 'TransactionConflict']);

/**
 * Writes the change of a cursor and the record of who made it, both or neither.
 * @returns 'conflict' if nothing was written, because the cursor changed or another transaction is in progress
 */
export async function commitRecord(
  client: DynamoDBClient,
  change: TransactWriteItem,
  record: TransactWriteItem,
): Promise<'committed' | 'conflict'> {
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems: [change, record] }));
    return 'committed';
  } catch (error) {
    if (isConflict(error)) return 'conflict';
    throw error;
  }
}

/** Whether a transaction was refused because an item changed, or another transaction is in progress. */
export function isConflict(error: unknown): boolean {
  const { name, CancellationReasons = [] } = error as { name?: string; CancellationReasons?: CancellationReason[] };
  return name === 'TransactionCanceledException' && CancellationReasons.some(({ Code = '' }) => CONFLICTS.has(Code));
}
