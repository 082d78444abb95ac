import { CreateTableCommand, DynamoDBClient, paginateScan, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import { createMovableClock } from '../../../local/clock.ts';
import { createDynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { ConnectionLostError } from '../../../local/endpoint/connection-lost-error.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import type { JsonObject } from '../../../local/endpoint/service.ts';
import { canConflict, capacityError, conflictError } from '../../../local/faults/dynamodb-refusals.ts';

/** What happens to one call of the engine. `lost-answer`: it is carried out, and its answer does not arrive. */
export type EngineFault = 'throttle' | 'conflict' | 'lost-request' | 'lost-answer';

type Item = NonNullable<ScanCommandOutput['Items']>[number];

export interface FaultyEngine {
  readonly client: DynamoDBClient;
  /** Of the next calls, one by one; undefined leaves a call alone. */
  plan(faults: readonly (EngineFault | undefined)[]): void;
  /** Takes back what has not happened. */
  calm(): void;
  /** How often, by kind. */
  readonly injected: ReadonlyMap<EngineFault, number>;
  /** Tables that were written to since the last plan. */
  written(): ReadonlySet<string>;
  items(tableName: string): Promise<readonly Item[]>;
  close(): Promise<void>;
}

/** The local DynamoDB over the wire. The SDK tries once, so that each fault reaches the adapters. */
export async function openFaultyEngine(tables: Readonly<Record<string, TableSchema>>): Promise<FaultyEngine> {
  const log = () => undefined;
  const dynamoDb = createDynamoDb({
    clock: createMovableClock(),
    region: 'eu-west-1',
    accountId: '000000000000',
    log,
  });
  const endpoint = await openEndpoint({ log });
  let planned: (EngineFault | undefined)[] = [];
  const injected = new Map<EngineFault, number>();
  const written = new Set<string>();

  const injectedConflicts = () => injected.get('conflict') ?? 0;
  const count = (fault: EngineFault) => void injected.set(fault, (injected.get(fault) ?? 0) + 1);
  const refuse = (operation: string, input: JsonObject, fault: EngineFault | undefined): void => {
    const named = `dynamodb:${operation}`;
    if (fault === 'throttle') {
      count(fault);
      const [action] = Array.isArray(input['TransactItems']) ? input['TransactItems'] : [];
      const limit = { tableName: 'any', limit: 'KeyRangeThroughputExceeded' } as const;
      throw capacityError(named, input, limit, new Set([action]), () => 0);
    }
    if (fault === 'conflict' && canConflict(named)) {
      count(fault);
      throw conflictError(named, input, (count) => injectedConflicts() % count);
    }
    if (fault === 'lost-request') {
      count(fault);
      throw new ConnectionLostError();
    }
  };

  endpoint.add({
    ...dynamoDb.service,
    async handle(operation, input, caller) {
      const fault = planned.shift();
      refuse(operation, input, fault);
      const answer = await dynamoDb.service.handle(operation, input, caller);
      for (const tableName of writtenBy(operation, input)) written.add(tableName);
      if (fault !== 'lost-answer') return answer;
      count(fault);
      throw new ConnectionLostError();
    },
  });
  const client = new DynamoDBClient({
    endpoint: endpoint.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  for (const [TableName, schema] of Object.entries(tables)) {
    await client.send(new CreateTableCommand({ TableName, ...creationOf(schema) }));
  }

  return {
    client,
    injected,
    written: () => written,
    plan(faults) {
      planned = [...faults];
      written.clear();
    },
    calm() {
      planned = [];
    },
    async items(TableName) {
      const items: Item[] = [];
      for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true })) {
        items.push(...Items);
      }
      return items;
    },
    async close() {
      client.destroy();
      await endpoint.close();
      await dynamoDb.close();
    },
  };
}

/** Names of the tables that a call which has succeeded has written to. */
function writtenBy(operation: string, input: JsonObject): readonly string[] {
  if (/^(Put|Update|Delete)Item$/.test(operation)) return [String(input['TableName'])];
  if (operation !== 'TransactWriteItems' || !Array.isArray(input['TransactItems'])) return [];
  return input['TransactItems'].flatMap((action: object) =>
    Object.entries(action as Readonly<Record<string, { readonly TableName: string }>>)
      .filter(([kind]) => kind !== 'ConditionCheck')
      .map(([, { TableName }]) => TableName),
  );
}

function creationOf({ partitionKey, sortKey, indexes = [] }: TableSchema) {
  const keyed = [{ partitionKey, sortKey }, ...indexes];
  const keysOf = (one: Pick<TableSchema, 'partitionKey' | 'sortKey'>) => [
    { AttributeName: one.partitionKey.name, KeyType: 'HASH' as const },
    ...(one.sortKey === undefined ? [] : [{ AttributeName: one.sortKey.name, KeyType: 'RANGE' as const }]),
  ];
  const attributes = keyed.flatMap((one) => [one.partitionKey, ...(one.sortKey === undefined ? [] : [one.sortKey])]);
  return {
    BillingMode: 'PAY_PER_REQUEST' as const,
    KeySchema: keysOf({ partitionKey, ...(sortKey === undefined ? {} : { sortKey }) }),
    AttributeDefinitions: [...new Map(attributes.map((one) => [one.name, one])).values()].map(({ name, type }) => ({
      AttributeName: name,
      AttributeType: type,
    })),
    ...(indexes.length === 0
      ? {}
      : {
          GlobalSecondaryIndexes: indexes.map((index) => ({
            IndexName: index.name,
            KeySchema: keysOf(index),
            Projection: { ProjectionType: 'ALL' as const },
          })),
        }),
  };
}
