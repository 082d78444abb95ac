import type { JsonObject } from '../endpoint/service.ts';
import { isObject, objectAt, stringAt } from '../template/json.ts';

/** A partition key of a table, or of an index, that a call reads or writes. */
export interface TouchedPartition {
  readonly tableName: string;
  readonly indexName: string | undefined;
  /** The attribute value, as JSON. */
  readonly value: string;
  /** What of a call of several items it is about: an action, a request, a key. */
  readonly part: unknown;
}

/** Name of the partition key of a table or of one of its indexes. */
export type PartitionKeyOf = (tableName: string, indexName?: string) => string | undefined;

/** The partitions that a call touches; none for a Scan, and where a key cannot be made out. */
export function touchedPartitions(
  operation: string,
  input: JsonObject,
  keyOf: PartitionKeyOf,
): readonly TouchedPartition[] {
  const at = (tableName: string, item: unknown, part: unknown): TouchedPartition[] => {
    const name = keyOf(tableName);
    const value = name !== undefined && isObject(item) ? item[name] : undefined;
    return value === undefined ? [] : [{ tableName, indexName: undefined, value: JSON.stringify(value), part }];
  };
  const tableName = stringAt(input, 'TableName') ?? '';

  switch (operation) {
    case 'dynamodb:GetItem':
    case 'dynamodb:UpdateItem':
    case 'dynamodb:DeleteItem':
      return at(tableName, input['Key'], input);
    case 'dynamodb:PutItem':
      return at(tableName, input['Item'], input);
    case 'dynamodb:Query':
      return queried(tableName, input, keyOf);
    case 'dynamodb:BatchGetItem':
      return requestsByTable(input).flatMap(([table, asked]) =>
        listAt(asked, 'Keys').flatMap((key) => at(table, key, key)),
      );
    case 'dynamodb:BatchWriteItem':
      return requestsByTable(input).flatMap(([table, requests]) =>
        (Array.isArray(requests) ? requests : []).flatMap((request: unknown) => {
          const { PutRequest, DeleteRequest } = isObject(request) ? request : {};
          return at(table, objectAt(PutRequest, 'Item'), request).concat(
            at(table, objectAt(DeleteRequest, 'Key'), request),
          );
        }),
      );
    case 'dynamodb:TransactWriteItems':
    case 'dynamodb:TransactGetItems':
      return listAt(input, 'TransactItems').flatMap((action) => {
        const [body] = isObject(action) ? Object.values(action) : [];
        const item: unknown = isObject(body) ? (body['Key'] ?? body['Item']) : undefined;
        return at(stringAt(body, 'TableName') ?? '', item, action);
      });
    default:
      return [];
  }
}

/** The partition key of a Query is compared by `=`, by its name or a placeholder. */
function queried(tableName: string, input: JsonObject, keyOf: PartitionKeyOf): TouchedPartition[] {
  const indexName = stringAt(input, 'IndexName');
  const key = keyOf(tableName, indexName);
  const names = objectAt(input, 'ExpressionAttributeNames');
  const values = objectAt(input, 'ExpressionAttributeValues');
  const comparisons = (stringAt(input, 'KeyConditionExpression') ?? '').matchAll(/(#?\w+)\s*=\s*(:\w+)/g);
  for (const [, name = '', placeholder = ''] of comparisons) {
    const value = values[placeholder];
    if ((names[name] ?? name) !== key || value === undefined) continue;
    return [{ tableName, indexName, value: JSON.stringify(value), part: input }];
  }
  return [];
}

const requestsByTable = (input: JsonObject): readonly (readonly [string, unknown])[] =>
  Object.entries(objectAt(input, 'RequestItems'));

function listAt(holder: unknown, member: string): readonly unknown[] {
  const value: unknown = isObject(holder) ? holder[member] : undefined;
  return Array.isArray(value) ? value : [];
}
