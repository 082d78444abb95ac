import { ENV } from '../definitions/index.ts';
import {
  createControlReader,
  createViewReader,
  type Projection,
  parseStoredItem,
  type ViewReader,
} from '../projection/index.ts';
import { requireEnvFrom } from '../shared/require-env.ts';
import { createDynamoDbTableStore } from '../tenancy/index.ts';
import type { ReaderRuntime } from './reader-runtime.ts';

/**
 * Creates a reader of a view for the current tenant.
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE`: `ReadModel.grantQuery` sets the variables
 */
export function createViewReaderOn<Item>(
  projection: Projection<Item>,
  { client, table }: Pick<ReaderRuntime, 'client' | 'table'>,
  environment: NodeJS.ProcessEnv = process.env,
): ViewReader<Item> {
  const env = requireEnvFrom(
    'readModel.grantQuery(function) sets them: call it for this function',
    environment,
    ENV.viewTableName,
    ENV.projectionStateTableName,
  );
  return createViewReader({
    projection,
    table: table(projection.view, env[ENV.viewTableName], parseStoredItem),
    state: createControlReader(createDynamoDbTableStore(client), env[ENV.projectionStateTableName]),
  });
}
