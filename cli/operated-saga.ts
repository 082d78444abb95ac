import { randomBytes, randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ENV, SAGAS_TABLE, sagaRetryRequested } from '../lib/definitions/index.ts';
import { createEventIds } from '../lib/event/index.ts';
import type { DeployedConsumer } from '../lib/operations/index.ts';
import { createDynamoDbOutboxStore, createOutbox } from '../lib/outbox/index.ts';
import { createTenancyRuntime } from '../lib/runtime/tenancy-runtime.ts';
import { createSagaReader, parseSagaItem, type SagaReader, type SagaRecord } from '../lib/saga/index.ts';
import { systemSleep } from '../lib/shared/backoff.ts';
import { requireEnv } from '../lib/shared/require-env.ts';
import type { Clock } from '../lib/shared/time.ts';
import { createDynamoDbTableStore, createTenantTableReader, type Tenancy } from '../lib/tenancy/index.ts';
import { UsageError } from './usage-error.ts';

/** A deployed process manager, with the adapters of the operator's commands. */
export interface OperatedSaga extends SagaReader, Pick<Tenancy, 'runAsTenant'> {
  readonly name: string;
  /** Publishes a command to retry a failed compensation. @returns the event's id */
  requestRetry(record: SagaRecord, by: string): Promise<string>;
}

/** @throws UsageError `OPS_USAGE` if the consumer is not a process manager */
export function operateSaga({ name, variables }: DeployedConsumer, client: DynamoDBClient, clock: Clock): OperatedSaga {
  const tableName = variables[ENV.sagasTableName];
  if (tableName === undefined) {
    throw new UsageError(`consumer '${name}' is no process manager: name a saga, as its declaration does`);
  }
  const env = requireEnv(variables, ENV.outboxTableName, ENV.pendingTableName, ENV.outboxRetentionSeconds);
  const { tenancy } = createTenancyRuntime(variables);
  const reader = createSagaReader(
    createTenantTableReader({
      store: createDynamoDbTableStore(client),
      tableName,
      schema: SAGAS_TABLE,
      tenancy,
      parse: parseSagaItem,
    }),
  );
  const outbox = createOutbox({
    store: createDynamoDbOutboxStore({
      client,
      outboxTableName: env[ENV.outboxTableName],
      pendingTableName: env[ENV.pendingTableName],
    }),
    clock,
    ids: { ...createEventIds(clock, randomBytes), newToken: randomUUID },
    sleep: systemSleep,
    random: Math.random,
    retentionSeconds: Number(env[ENV.outboxRetentionSeconds]),
    tenancy,
  });
  return {
    ...reader,
    name,
    runAsTenant: tenancy.runAsTenant,
    async requestRetry({ sagaId, group, correlationId, principal }, by) {
      const tenantId = tenancy.currentTenant();
      const { events } = await outbox.transact((tx) => tx.publish(sagaRetryRequested(name), { sagaId, group, by }), {
        correlationId,
        ...(tenantId === undefined ? {} : { tenantId }),
        ...(principal === undefined ? {} : { principal }),
      });
      return events.map(({ id }) => id).join(', ');
    },
  };
}
