import { AsyncLocalStorage } from 'node:async_hooks';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import {
  CURSORS_TABLE,
  HTTP_REQUESTS_TABLE,
  INBOX_TABLE,
  ownMember,
  type TableAttribute,
  type TableSchema,
  type TenancyMode,
} from '../definitions/index.ts';
import { parseEvent } from '../event/index.ts';
import { createOutbox, type Item, type Outbox, type OutboxCommit } from '../outbox/index.ts';
import { unmarshallItem } from '../shared/marshalling.ts';
import type { EpochMs } from '../shared/time.ts';
import { createTenancy, type Tenancy, type TenantDirectory } from '../tenancy/index.ts';
import { WEBHOOK_DELIVERIES_TABLE } from '../webhook/index.ts';
import { createCountedIds } from './counted-ids.ts';
import { createHarnessClock, type HarnessClock } from './harness-clock.ts';
import { createInMemoryOutboxStore, type InMemoryOutboxStore } from './in-memory-outbox-store.ts';
import { createInMemoryTables, type InMemoryTables } from './in-memory-tables.ts';
import type { CommittedEvent, CommittedWrite } from './outcome.ts';
import { type CrashPoint, type Watch, watchedStore } from './watched-store.ts';

/** The adapters that all consumers of a harness share. */
export interface Stage {
  readonly clock: HarnessClock;
  readonly tables: InMemoryTables;
  readonly tenancy: Tenancy;
  readonly log: InMemoryOutboxStore;
  readonly outbox: Outbox;
  readonly tenants: TenantDirectory | undefined;
  /** Runs one step, and returns its commits and whether it crashed. Steps may run concurrently. */
  perform(work: () => Promise<void>, crash?: PlannedCrash): Promise<Performed>;
}

interface PlannedCrash {
  readonly point: CrashPoint;
  readonly isMeant: (commit: OutboxCommit) => boolean;
}

interface Performed {
  readonly crashed: boolean;
  readonly writes: readonly CommittedWrite[];
  readonly events: readonly CommittedEvent[];
}

export interface StageOptions {
  readonly tables: Readonly<Record<string, TableSchema>>;
  readonly tenancy: TenancyMode;
  readonly tenants?: TenantDirectory | undefined;
  readonly startsAt: EpochMs;
}

/** Table names that do not clash with a test's own. */
export const STAGE_TABLES = {
  inbox: 'waybill.inbox',
  cursors: 'waybill.cursors',
  requests: 'waybill.requests',
  deliveries: 'waybill.deliveries',
} as const;

const RETENTION_SECONDS = 14 * 24 * 3600;

export function createStage({ tables: schemas, tenancy: mode, tenants, startsAt }: StageOptions): Stage {
  const clock = createHarnessClock(startsAt);
  const tenancy = createTenancy({ mode, audit: { crossTenantWork: () => undefined } });
  const tables = createInMemoryTables({
    ...schemas,
    [STAGE_TABLES.inbox]: INBOX_TABLE,
    [STAGE_TABLES.cursors]: CURSORS_TABLE,
    [STAGE_TABLES.requests]: HTTP_REQUESTS_TABLE,
    [STAGE_TABLES.deliveries]: WEBHOOK_DELIVERIES_TABLE,
  });
  const log = createInMemoryOutboxStore({ tables });
  const underWay = new AsyncLocalStorage<Watch>();
  const outbox = createOutbox({
    store: watchedStore(log, () => underWay.getStore()),
    clock,
    ids: createCountedIds(),
    sleep: async (delayMs) => clock.advance(delayMs),
    random: () => 0.5,
    retentionSeconds: RETENTION_SECONDS,
    tenancy,
  });

  const writesOf = (commit: OutboxCommit): readonly CommittedWrite[] =>
    commit.writes.flatMap((write) => committedWrite(write, schemas, tables) ?? []);

  return {
    clock,
    tables,
    tenancy,
    tenants,
    log,
    outbox,
    async perform(work, crash) {
      const writes: CommittedWrite[] = [];
      const events: CommittedEvent[] = [];
      const crashed = Promise.withResolvers<true>();
      const watch: Watch = {
        crash: crash?.point,
        isMeant: (commit) => crash?.isMeant(commit) ?? false,
        onCrash: () => crashed.resolve(true),
        onCommitted(commit) {
          writes.push(...writesOf(commit));
          events.push(...commit.events.map(({ body }) => parseEvent(body)));
        },
      };
      const done = underWay.run(watch, work).then(() => false);
      return { crashed: await Promise.race([crashed.promise, done]), writes, events };
    },
  };
}

/** Undefined unless it is a write to the test's own tables. */
function committedWrite(
  { Put, Update, Delete }: TransactWriteItem,
  schemas: StageOptions['tables'],
  tables: InMemoryTables,
): CommittedWrite | undefined {
  const tableName = (Put ?? Update ?? Delete)?.TableName ?? '';
  const schema = ownMember(schemas, tableName);
  if (schema === undefined) return undefined;
  const action = Put !== undefined ? 'Put' : Update !== undefined ? 'Update' : 'Delete';
  const key = keyOf(schema, Put?.Item ?? Update?.Key ?? Delete?.Key ?? {});
  const item = tables.get(tableName, key);
  return { action, table: tableName, key: unmarshallItem(key), item: item && unmarshallItem(item) };
}

function keyOf({ partitionKey, sortKey }: TableSchema, item: Item): Item {
  const names = [partitionKey, sortKey].filter((key): key is TableAttribute => key !== undefined);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.some((key) => key.name === name)));
}
