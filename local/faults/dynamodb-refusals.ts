import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { stringAt } from '../template/json.ts';

const ON_DEMAND =
  'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly. If exceptions persist, check if you have a hot key: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html';
const PROVISIONED =
  'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.';
const ONGOING = 'Transaction is ongoing for the item';

/** Why there is no capacity, as `ThrottlingReasons` spell it. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ThrottlingReason.html */
export interface CapacityReason {
  readonly tableName: string;
  readonly indexName?: string | undefined;
  readonly limit: 'KeyRangeThroughputExceeded' | 'AccountLimitExceeded';
}

const READS: ReadonlySet<string> = new Set([
  'dynamodb:GetItem',
  'dynamodb:BatchGetItem',
  'dynamodb:TransactGetItems',
  'dynamodb:Query',
  'dynamodb:Scan',
]);

const isTransaction = (operation: string) => /:Transact(Write|Get)Items$/.test(operation);

/**
 * What a call is answered with for which a table, or a partition of it, has no capacity.
 * @param parts of a transaction: the actions that are refused.
 * @param choose the SDK knows two names for it.
 */
export function capacityError(
  operation: string,
  input: JsonObject,
  { tableName, indexName, limit }: CapacityReason,
  parts: ReadonlySet<unknown>,
  choose: (count: number) => number,
): AwsError {
  if (isTransaction(operation)) return cancelled(input, (action) => parts.has(action), 'ThrottlingError', ON_DEMAND);
  const what = indexName === undefined ? 'Table' : 'Index';
  const reason = `${what}${READS.has(operation) ? 'Read' : 'Write'}${limit}`;
  const resource = indexName === undefined ? tableName : `${tableName}/index/${indexName}`;
  const fields = { ThrottlingReasons: [{ reason, resource }] };
  return choose(2) === 0
    ? new AwsError('ThrottlingException', ON_DEMAND, { fields })
    : new AwsError('ProvisionedThroughputExceededException', PROVISIONED, { fields });
}

/** What a batch call is answered with of which nothing can be processed. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
export const nothingProcessed = (): AwsError => new AwsError('ProvisionedThroughputExceededException', PROVISIONED);

/** Calls that get into conflict with transactions; a batch call does not as a whole. */
export const canConflict = (operation: string): boolean =>
  isTransaction(operation) || /^dynamodb:(Put|Update|Delete)Item$/.test(operation);

/**
 * What a call is answered with whose item is in a transaction under way, or whose own transaction still is.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 */
export function conflictError(operation: string, input: JsonObject, choose: (count: number) => number): AwsError {
  if (!isTransaction(operation)) return new AwsError('TransactionConflictException', ONGOING);
  const hasToken = stringAt(input, 'ClientRequestToken') !== undefined;
  if (operation === 'dynamodb:TransactWriteItems' && hasToken && choose(IN_PROGRESS_ONE_IN) === 0) {
    return new AwsError(IN_PROGRESS, 'The transaction with the given request token is already in progress.');
  }
  const actions: readonly unknown[] = Array.isArray(input['TransactItems']) ? input['TransactItems'] : [];
  const place = actions[choose(actions.length)];
  return cancelled(input, (action) => action === place, 'TransactionConflict', ONGOING);
}

/** Nobody is told whether the transaction came to pass. */
export const IN_PROGRESS = 'TransactionInProgressException';
const IN_PROGRESS_ONE_IN = 3;

function cancelled(
  input: JsonObject,
  isReason: (action: unknown) => boolean,
  Code: 'TransactionConflict' | 'ThrottlingError',
  Message: string,
): AwsError {
  const actions: readonly unknown[] = Array.isArray(input['TransactItems']) ? input['TransactItems'] : [];
  const reasons = actions.map((action) => (isReason(action) ? { Code, Message } : { Code: 'None' }));
  const codes = reasons.map((reason) => reason.Code).join(', ');
  return new AwsError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { fields: { CancellationReasons: reasons } },
  );
}
