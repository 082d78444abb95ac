import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TableSchema } from '../definitions/index.ts';
import { createDynamoDbTableStore, createTenantTableReader, type TenantTableReader } from '../tenancy/index.ts';
import { createTenancyRuntime, type TenancyRuntime } from './tenancy-runtime.ts';

export interface ReaderRuntime extends Pick<TenancyRuntime, 'tenancy' | 'logger'> {
  /** The function's one DynamoDB client. */
  readonly client: DynamoDBClient;
  /** A table as the tenant at work sees it. @param parse what the table holds is checked like any other input */
  table<Item>(schema: TableSchema, tableName: string, parse: (item: unknown) => Item): TenantTableReader<Item>;
}

/**
 * What a function that only reads stands on; called once per container, in `index.ts`.
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
    table: (schema, tableName, parse) => createTenantTableReader({ store, tenancy, schema, tableName, parse }),
  };
}
