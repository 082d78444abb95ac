import {
  type AttributeValue,
  type CancellationReason,
  ConditionalCheckFailedException,
  TransactionCanceledException,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import type { Item as WireItem } from '../../../lib/testing/dynamodb/item.ts';
import { tableDefinition } from '../../../lib/testing/dynamodb/table-definition.ts';
import type { WriteRefusal } from '../../../lib/testing/dynamodb/transaction.ts';
import { createTransaction, type StoredTable } from '../../../lib/testing/dynamodb/transaction.ts';
import { fromWire, toWire } from '../../../lib/testing/dynamodb/wire.ts';
import { keyOf } from '../../../lib/testing/dynamodb/write.ts';

export type Item = Readonly<Record<string, AttributeValue>>;

/** Tables that a whole state can be copied of: what a request changes, it changes in place. */
export type Tables = ReadonlyMap<string, StoredTable>;

/** A request as the SDK's command holds it. */
export interface DynamoDbRequest {
  readonly operation: string;
  readonly input: RequestInput;
}

/** The members of the SDK's inputs that the model looks at. */
export interface RequestInput {
  readonly TableName?: string;
  readonly Key?: Item;
  readonly ConsistentRead?: boolean;
  readonly RequestItems?: Readonly<Record<string, RequestItems>>;
  readonly TransactItems?: TransactWriteItem[];
  readonly UpdateExpression?: string;
  readonly KeyConditionExpression?: string;
  readonly FilterExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>>;
  readonly ScanIndexForward?: boolean;
  readonly Limit?: number;
  readonly ReturnValuesOnConditionCheckFailure?: string;
}

interface KeysOfTable {
  readonly Keys: readonly Item[];
  readonly ConsistentRead?: boolean;
}

type WritesOfTable = readonly { readonly DeleteRequest: { readonly Key: Item } }[];

/** What a batch asks of each table: BatchGetItem keys, BatchWriteItem deletions. */
type RequestItems = KeysOfTable | WritesOfTable;

const isWrites = (items: RequestItems): items is WritesOfTable => Array.isArray(items);

/** What a BatchGetItem asks of each table. */
export const keysByTable = ({ RequestItems = {} }: RequestInput): readonly (readonly [string, KeysOfTable])[] =>
  Object.entries(RequestItems).flatMap(([name, items]) => (isWrites(items) ? [] : [[name, items] as const]));

/** What a BatchWriteItem asks of each table. */
export const deletionsByTable = ({ RequestItems = {} }: RequestInput): readonly (readonly [string, WritesOfTable])[] =>
  Object.entries(RequestItems).flatMap(([name, items]) => (isWrites(items) ? [[name, items] as const] : []));

export const createTables = (schemas: Readonly<Record<string, TableSchema>>): Map<string, StoredTable> =>
  new Map(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      { definition: tableDefinition(name, schema), items: new Map() },
    ]),
  );

/** The same tables, of which those with these names are to be changed apart. */
export const copyOf = (tables: Tables, names: ReadonlySet<string>): Tables =>
  new Map(
    [...tables].map(([name, table]) => [
      name,
      names.has(name) ? { definition: table.definition, items: new Map(table.items) } : table,
    ]),
  );

const READS: ReadonlySet<string> = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan']);

export const isRead = ({ operation }: DynamoDbRequest): boolean => READS.has(operation);

/** Whether the request takes what an eventually consistent read may show. */
export const mayBeStale = ({ operation, input }: DynamoDbRequest): boolean => {
  if (!READS.has(operation)) return false;
  if (input.RequestItems === undefined) return input.ConsistentRead !== true;
  return keysByTable(input).some(([, { ConsistentRead }]) => ConsistentRead !== true);
};

/** The writes that a request sends. */
export function writesOf({ operation, input }: DynamoDbRequest): readonly TransactWriteItem[] {
  switch (operation) {
    case 'PutItem':
      return [{ Put: input as TransactWriteItem['Put'] }];
    case 'UpdateItem':
      return [{ Update: input as TransactWriteItem['Update'] }];
    case 'DeleteItem':
      return [{ Delete: input as TransactWriteItem['Delete'] }];
    case 'TransactWriteItems':
      return input.TransactItems ?? [];
    case 'BatchWriteItem':
      return deletionsByTable(input).flatMap(([TableName, requests]) =>
        requests.map(({ DeleteRequest }) => ({ Delete: { TableName, Key: { ...DeleteRequest.Key } } })),
      );
    default:
      return [];
  }
}

/** The tables that a request writes to. */
export const tablesOf = (request: DynamoDbRequest): ReadonlySet<string> =>
  new Set(
    writesOf(request).map(
      ({ Put, Update, Delete, ConditionCheck }) => (Put ?? Update ?? Delete ?? ConditionCheck)?.TableName ?? '',
    ),
  );

const tableOf = (tables: Tables, name = ''): StoredTable => {
  const table = tables.get(name);
  if (table === undefined) throw new Error(`the model has no table '${name}'`);
  return table;
};

/**
 * Answers a request as DynamoDB would, from these tables, and changes them.
 * @param told which of several failed conditions of a transaction is reported: nothing promises that all are.
 * @default - the first
 * @throws the SDK's own exceptions
 */
export function answerRequest(
  tables: Tables,
  request: DynamoDbRequest,
  told: (failed: number) => number = () => 0,
): object {
  const { operation, input } = request;
  switch (operation) {
    case 'GetItem':
      return { Item: itemAt(tables, input.TableName, input.Key ?? {}) };
    case 'BatchGetItem':
      return {
        Responses: Object.fromEntries(
          keysByTable(input).map(([name, { Keys }]) => [
            name,
            Keys.map((key) => itemAt(tables, name, key)).filter((item) => item !== undefined),
          ]),
        ),
      };
    case 'Query':
      return { Items: query(tables, input) };
    case 'Scan':
      return { Items: [...tableOf(tables, input.TableName).items.values()].map(fromWire) };
    case 'TransactWriteItems':
      return transact(tables, writesOf(request), told);
    case 'BatchWriteItem':
      for (const write of writesOf(request)) applyAlone(tables, write);
      return {};
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return writeOne(tables, request);
    default:
      throw new Error(`the model knows no operation '${operation}'`);
  }
}

const itemAt = (tables: Tables, name: string | undefined, key: Item): Item | undefined => {
  const { definition, items } = tableOf(tables, name);
  const item = items.get(keyOf(definition, toWire(key)));
  return item && fromWire(item);
};

const STRETCH = '#group = :group AND #sequence BETWEEN :from AND :upTo';

/** The only kind of query there is: a stretch of a group. */
function query(tables: Tables, input: RequestInput): readonly Item[] {
  const { KeyConditionExpression, FilterExpression, ScanIndexForward = true, Limit } = input;
  if (KeyConditionExpression !== STRETCH || FilterExpression !== undefined) {
    throw new Error(`the model answers no query for ${KeyConditionExpression}, filter ${FilterExpression}`);
  }
  const { [':group']: group, [':from']: from, [':upTo']: upTo } = input.ExpressionAttributeValues ?? {};
  const found = [...tableOf(tables, input.TableName).items.values()]
    .filter(({ partitionkey }) => partitionkey?.S === group?.S)
    .filter(({ sequence }) => Number(sequence?.N) >= Number(from?.N) && Number(sequence?.N) <= Number(upTo?.N))
    .sort((a, b) => (Number(a['sequence']?.N) - Number(b['sequence']?.N)) * (ScanIndexForward ? 1 : -1));
  return found.slice(0, Limit).map(fromWire);
}

const firstRefusal = (tables: Tables, writes: readonly TransactWriteItem[]) => {
  const transaction = createTransaction(writes, (name) => tableOf(tables, name));
  return { transaction, refused: transaction.firstRefused() };
};

function applyAlone(tables: Tables, write: TransactWriteItem): WriteRefusal | undefined {
  const { transaction, refused } = firstRefusal(tables, [write]);
  if (refused?.fault !== undefined) throw new Error(refused.fault.message);
  if (refused === undefined) transaction.apply();
  return refused;
}

const metadata = { $metadata: {} };

function writeOne(tables: Tables, request: DynamoDbRequest): object {
  const [write = {}] = writesOf(request);
  const refused = applyAlone(tables, write);
  if (refused === undefined) return {};
  const shown = request.input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? { Item: { ...refused.item } } : {};
  throw new ConditionalCheckFailedException({ message: 'The conditional request failed', ...shown, ...metadata });
}

function transact(tables: Tables, writes: readonly TransactWriteItem[], told: (failed: number) => number): object {
  const { transaction, refused } = firstRefusal(tables, writes);
  if (refused === undefined) {
    transaction.apply();
    return {};
  }
  const { index, item, fault } =
    refused.fault === undefined ? (oneOfRefused(tables, writes, told) ?? refused) : refused;
  const reason: CancellationReason = {
    Code: fault?.code ?? 'ConditionalCheckFailed',
    ...(fault === undefined ? {} : { Message: fault.message }),
    ...(item === undefined || !isShown(writes[index]) ? {} : { Item: { ...item } }),
  };
  throw new TransactionCanceledException({
    message: `Transaction cancelled: ${reason.Code}`,
    CancellationReasons: writes.map((_, each) => (each === index ? reason : { Code: 'None' })),
    ...metadata,
  });
}

/** One of the writes whose conditions do not hold. */
function oneOfRefused(
  tables: Tables,
  writes: readonly TransactWriteItem[],
  told: (failed: number) => number,
): WriteRefusal | undefined {
  const failed = writes.flatMap((write, index) => {
    const { refused } = firstRefusal(tables, [write]);
    return refused === undefined ? [] : [{ ...refused, index }];
  });
  return failed.length > 1 ? failed[told(failed.length)] : failed[0];
}

const isShown = ({ Put, Update, Delete, ConditionCheck }: TransactWriteItem = {}): boolean =>
  (Put ?? Update ?? Delete ?? ConditionCheck)?.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';

export type { StoredTable, WireItem };
