import { randomBytes, randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type DeployedSync, ENV, type TenancyMode } from '../lib/definitions/index.ts';
import { createEventIds } from '../lib/event/index.ts';
import type { OperableSync, SyncReadDeps } from '../lib/operations/index.ts';
import { createDynamoDbOutboxStore, createOutbox } from '../lib/outbox/index.ts';
import { systemSleep } from '../lib/shared/backoff.ts';
import { requireEnv } from '../lib/shared/require-env.ts';
import type { Clock } from '../lib/shared/time.ts';
import {
  createScheduleStore,
  createSyncCommands,
  createSyncStore,
  type DueSubscription,
  listScheduled,
  parseSyncItem,
  SYNC_TABLE,
  SYNC_TABLE_NAME,
  type SyncCommands,
} from '../lib/sync/index.ts';
import { createDynamoDbTableStore, createTenancy, createTenantTable, type Tenancy } from '../lib/tenancy/index.ts';

/** A deployed sync, with the adapters of the operator's commands. */
export interface OperatedSync extends DeployedSync, SyncReadDeps, Pick<Tenancy, 'runAsTenant'> {
  readonly tenancy: TenancyMode;
  readonly commands: SyncCommands;
  /** Schedules of all tenants, those that are due first. */
  scheduled(most: number): Promise<readonly DueSubscription[]>;
}

export function operateSync({ sync, consumer }: OperableSync, client: DynamoDBClient, clock: Clock): OperatedSync {
  const { variables } = consumer;
  const env = requireEnv(
    variables,
    SYNC_TABLE_NAME,
    ENV.outboxTableName,
    ENV.pendingTableName,
    ENV.outboxRetentionSeconds,
  );
  // an operator's command is no service: it tells nobody of cross-tenant work
  const tenancy = createTenancy({
    mode: variables[ENV.tenancy] === 'required' ? 'required' : 'none',
    audit: { crossTenantWork: () => undefined },
  });
  const outbox = createOutbox({
    store: createDynamoDbOutboxStore({
      client,
      outboxTableName: env[ENV.outboxTableName],
      pendingTableName: env[ENV.pendingTableName],
      compressEvents: variables[ENV.compressEvents] === 'true',
    }),
    clock,
    ids: { ...createEventIds(clock, randomBytes), newToken: randomUUID },
    sleep: systemSleep,
    random: Math.random,
    retentionSeconds: Number(env[ENV.outboxRetentionSeconds]),
    tenancy,
  });
  const table = createTenantTable({
    ...{ store: createDynamoDbTableStore(client), outbox, tenancy, schema: SYNC_TABLE, parse: parseSyncItem },
    tableName: env[SYNC_TABLE_NAME],
  });
  const store = createSyncStore({ table, clock });
  const schedules = createScheduleStore({ table, clock });
  return {
    ...sync,
    ...{ store, schedules, tenancy: tenancy.mode, runAsTenant: tenancy.runAsTenant },
    commands: createSyncCommands({ name: sync.name, store, schedules, outbox, clock, newToken: randomUUID }),
    scheduled: (most) => listScheduled({ name: sync.name, table, tenancy }, most),
  };
}
