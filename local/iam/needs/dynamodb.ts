import type { JsonObject } from '../../endpoint/service.ts';
import { isObject, objectAt, stringAt, toList } from '../../template/json.ts';
import type { Need, Place } from './need.ts';

/** Name of the partition key of a table, or of one of its indexes; undefined when there is none such. */
export type PartitionKeyOf = (tableName: string, indexName?: string) => string | undefined;

/** What DynamoDB calls the parts of a transaction when it asks IAM. */
const TRANSACTION_ACTIONS = {
  ConditionCheck: 'ConditionCheckItem',
  Delete: 'DeleteItem',
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
} as const;

const WITHOUT_RESOURCE = ['DescribeEndpoints', 'DescribeLimits', 'ListTables'];

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
export function dynamoDbNeeds(
  operation: string,
  input: JsonObject,
  place: Place,
  partitionKeyOf: PartitionKeyOf,
): readonly Need[] {
  const action = `dynamodb:${operation}`;
  const arnOf = (tableName: string) =>
    tableName.startsWith('arn:') ? tableName : `arn:aws:dynamodb:${place.region}:${place.accountId}:table/${tableName}`;
  /** @param items keys or whole items: what the partition keys are read from */
  const onItems = (actionName: string, tableName: string, items: readonly unknown[]): Need => ({
    action: actionName,
    resource: arnOf(tableName),
    keys: {
      'dynamodb:leadingkeys': () => leadingKeys(items, partitionKeyOf(nameOf(tableName))),
      ...optionKeys(input),
    },
  });

  if (operation === 'TransactWriteItems' || operation === 'TransactGetItems') {
    return transactionParts(input).map((part) => onItems(part.action, part.tableName, part.items));
  }
  if (operation === 'BatchGetItem' || operation === 'BatchWriteItem') {
    return Object.entries(objectAt(input, 'RequestItems')).map(([tableName, wanted]) =>
      onItems(action, tableName, batchItems(wanted)),
    );
  }
  if (WITHOUT_RESOURCE.includes(operation)) return [{ action, resource: '*' }];
  const resourceArn = stringAt(input, 'ResourceArn');
  if (resourceArn !== undefined) return [{ action, resource: resourceArn }];
  const tableName = stringAt(input, 'TableName');
  if (tableName === undefined) return [];
  const indexName = stringAt(input, 'IndexName');
  const indexPath = indexName === undefined ? '' : `/index/${indexName}`;
  if (operation === 'Query') {
    const keyOf = () => queriedKey(input, partitionKeyOf(nameOf(tableName), indexName));
    const keys = { 'dynamodb:leadingkeys': keyOf, ...optionKeys(input) };
    return [{ action, resource: `${arnOf(tableName)}${indexPath}`, keys }];
  }
  // a scan names no key, so a condition on LeadingKeys does not hold it back: the grant must leave Scan out
  if (operation === 'Scan') return [{ action, resource: `${arnOf(tableName)}${indexPath}`, keys: optionKeys(input) }];
  const item = input['Key'] ?? input['Item'];
  return [item === undefined ? { action, resource: arnOf(tableName) } : onItems(action, tableName, [item])];
}

interface TransactionPart {
  readonly action: string;
  readonly tableName: string;
  readonly items: readonly unknown[];
}

/** The items of one action on one table together: IAM is asked about them once. */
function transactionParts(input: JsonObject): readonly TransactionPart[] {
  const parts = toList(input['TransactItems']).flatMap((item) =>
    Object.entries(TRANSACTION_ACTIONS).flatMap(([member, action]) => {
      const part = isObject(item) ? item[member] : undefined;
      const tableName = stringAt(part, 'TableName');
      if (!isObject(part) || tableName === undefined) return [];
      return [{ action: `dynamodb:${action}`, tableName, item: part['Key'] ?? part['Item'] }];
    }),
  );
  const groups = Map.groupBy(parts, ({ action, tableName }) => `${action} ${tableName}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, items: group.map(({ item }) => item) }];
  });
}

/** Keys of a BatchGetItem, or keys and items of a BatchWriteItem. */
const batchItems = (wanted: unknown): readonly unknown[] =>
  Array.isArray(wanted)
    ? wanted.map((write) => objectAt(write, 'PutRequest')['Item'] ?? objectAt(write, 'DeleteRequest')['Key'])
    : toList(isObject(wanted) ? wanted['Keys'] : undefined);

const nameOf = (tableName: string): string => tableName.replace(/^arn:.*:table\//, '');

const optionKeys = (input: JsonObject): NonNullable<Need['keys']> => ({
  'dynamodb:returnvalues': () => listOf(stringAt(input, 'ReturnValues')),
  'dynamodb:select': () => listOf(stringAt(input, 'Select')),
});

const listOf = (text: string | undefined): readonly string[] | undefined => (text === undefined ? undefined : [text]);

/** An item without its partition key is given an empty one, which no grant names: the engine refuses it anyway. */
function leadingKeys(items: readonly unknown[], partitionKey: string | undefined): readonly string[] | undefined {
  if (partitionKey === undefined) return undefined;
  return [...new Set(items.map((item) => textOf(objectAt(item, partitionKey))))];
}

/** The value that a query wants its partition key to have. */
function queriedKey(input: JsonObject, partitionKey: string | undefined): readonly string[] | undefined {
  if (partitionKey === undefined) return undefined;
  const condition = stringAt(input, 'KeyConditionExpression');
  if (condition === undefined) {
    const [wanted] = toList(objectAt(objectAt(input, 'KeyConditions'), partitionKey)['AttributeValueList']);
    return [textOf(wanted)];
  }
  const names = objectAt(input, 'ExpressionAttributeNames');
  const values = objectAt(input, 'ExpressionAttributeValues');
  for (const [, name = '', placeholder = ''] of condition.matchAll(/(#?\w+)\s*=\s*(:\w+)/g)) {
    if ((stringAt(names, name) ?? name) === partitionKey) return [textOf(values[placeholder])];
  }
  return [''];
}

const textOf = (value: unknown): string => stringAt(value, 'S') ?? stringAt(value, 'N') ?? stringAt(value, 'B') ?? '';
