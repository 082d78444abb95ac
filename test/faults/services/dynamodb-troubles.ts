import {
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';
import { type DynamoDbRequest, deletionsByTable, keysByTable } from './dynamodb-requests.ts';

const metadata = { $metadata: {} };

/** Another transaction has one of its items at this moment. */
export const TRANSACTION_CONFLICT = (items: number): Error =>
  new TransactionCanceledException({
    message: 'Transaction cancelled',
    CancellationReasons: Array.from({ length: items }, (_, index) => ({
      Code: index === 0 ? 'TransactionConflict' : 'None',
    })),
    ...metadata,
  });

export const IN_PROGRESS = (): Error =>
  new TransactionInProgressException({ message: 'The transaction is still in progress', ...metadata });

/** A partition key, or a whole table, that gets more than it can take. */
export const throttlingOf = ({ operation, input }: DynamoDbRequest): Error =>
  operation === 'TransactWriteItems'
    ? new TransactionCanceledException({
        message: 'Transaction cancelled',
        CancellationReasons: (input.TransactItems ?? []).map((_, index) => ({
          Code: index === 0 ? 'ThrottlingError' : 'None',
        })),
        ...metadata,
      })
    : new ProvisionedThroughputExceededException({
        message: 'The level of configured throughput was exceeded',
        ...metadata,
      });

/** Does every second part of a batch, and names the others as unprocessed. */
export function unprocessedOf(request: DynamoDbRequest, attempt: (request: DynamoDbRequest) => object): object {
  const { operation, input } = request;
  const isDone = (_: unknown, index: number) => index % 2 === 1;
  const isLeft = (_: unknown, index: number) => index % 2 === 0;
  const [read] = keysByTable(input);
  if (read !== undefined) {
    const [table, { Keys, ...terms }] = read;
    const done = { [table]: { ...terms, Keys: Keys.filter(isDone) } };
    const UnprocessedKeys = { [table]: { ...terms, Keys: Keys.filter(isLeft) } };
    return Keys.length < 2
      ? { UnprocessedKeys }
      : { ...attempt({ operation, input: { RequestItems: done } }), UnprocessedKeys };
  }
  const [written] = deletionsByTable(input);
  if (written === undefined) return attempt(request);
  const [table, requests] = written;
  const done = requests.filter(isDone);
  if (done.length > 0) attempt({ operation, input: { RequestItems: { [table]: done } } });
  return { UnprocessedItems: { [table]: requests.filter(isLeft) } };
}
