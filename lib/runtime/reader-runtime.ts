import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TableSchema } from '../definitions/index.ts';
import {
  createDynamoDbTableStore,
  createTenantTableReader,
  type ItemsOf,
  type OpenTableReader,
  parserOf,
} from '../tenancy/index.ts';
import { createTenancyRuntime, type TenancyRuntime } from './tenancy-runtime.ts';

export interface ReaderRuntime extends Pick<TenancyRuntime, 'tenancy' | 'logger'> {
  /** The function's DynamoDB client. */
  readonly client: DynamoDBClient;
  /** Opens a table for the current tenant. */
  readonly table: OpenTableReader;
}

/**
 * Creates the clients and adapters of a function that only reads. Call it once per container, in `index.ts`.
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE`: the WaybillFunction construct sets the variables
 */
export function createReaderRuntime(environment: NodeJS.ProcessEnv = process.env): ReaderRuntime {
  const client = new DynamoDBClient({});
  const { tenancy, logger } = createTenancyRuntime(environment);
  const store = createDynamoDbTableStore(client);
  return {
    client,
    tenancy,
    logger,
    table: (<Item>(schema: TableSchema, tableName: string, items: ItemsOf<Item>) =>
      createTenantTableReader({
        store,
        tenancy,
        schema,
        tableName,
        parse: parserOf(tableName, items),
      })) as OpenTableReader,
  };
}
