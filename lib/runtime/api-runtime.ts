import { randomBytes, randomUUID } from 'node:crypto';
import { type ApiDefinition, ENV } from '../definitions/index.ts';
import { createEventIds } from '../event/index.ts';
import {
  type ApiDeps,
  ApiWiringError,
  createDynamoDbClientUsage,
  createDynamoDbRequestRecords,
} from '../http/index.ts';
import { requireEnv } from '../shared/require-env.ts';
import { systemClock } from '../shared/time.ts';
import { createProducerRuntime, type ProducerRuntime } from './producer-runtime.ts';

export type ApiRuntime = ProducerRuntime & ApiDeps;

/**
 * Creates the clients and adapters of an API. Call it once per container, in `index.ts`.
 *
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE`: the HttpEdge construct sets the variables
 * @throws ApiWiringError `API_WIRING` if the construct has another API
 */
export function createApiRuntime(api: ApiDefinition, environment: NodeJS.ProcessEnv = process.env): ApiRuntime {
  const env = requireEnv(environment, ENV.httpRequestsTableName, ENV.tenantClaim);
  const { [ENV.serviceName]: constructName } = environment;
  if (constructName !== undefined && constructName !== api.name) throw new ApiWiringError(constructName, api.name);
  const producer = createProducerRuntime(environment, { serviceName: api.name });
  const records = { client: producer.client, tableName: env[ENV.httpRequestsTableName] };
  return {
    ...producer,
    requests: createDynamoDbRequestRecords(records),
    usage: createDynamoDbClientUsage(records),
    clock: systemClock,
    newToken: randomUUID,
    newCorrelationId: createEventIds(systemClock, randomBytes).newCorrelationId,
    tenantClaim: env[ENV.tenantClaim],
  };
}
