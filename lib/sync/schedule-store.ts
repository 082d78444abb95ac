import { ifUnchanged, type UnitOfWork } from '../outbox/index.ts';
import { STORED_FORMAT } from '../shared/stored-format.ts';
import type { EpochMs } from '../shared/time.ts';
import type { TenantTable } from '../tenancy/index.ts';
import { SyncRaceError } from './errors.ts';
import { dueAtOf, type Schedule } from './schedule.ts';
import type { ScopeKey } from './state.ts';
import type { SyncItem, SyncItemKey } from './sync-item.ts';
import { SYNC_TENANT_TABLE } from './table.ts';

/** A schedule as it is stored. */
export interface StoredSchedule {
  readonly schedule: Schedule;
  /** Who has stopped it; undefined while it runs. */
  readonly stopped: ScheduleStop | undefined;
  readonly revision: number;
}

interface ScheduleStop {
  readonly by: string;
  readonly at: EpochMs;
}

/** The schedules of the current tenant's subscriptions. */
export interface ScheduleStore {
  read(key: ScopeKey): Promise<StoredSchedule | undefined>;
  /**
   * Writes one, as part of a unit of work. Fails with `SYNC_RACE_LOST` if another execution has written it since.
   * @param before as it was read; undefined if there was none
   */
  write(
    tx: UnitOfWork,
    key: ScopeKey,
    before: StoredSchedule | undefined,
    after: Pick<StoredSchedule, 'schedule' | 'stopped'>,
  ): void;
}

export interface ScheduleStoreOptions {
  readonly table: TenantTable<SyncItem>;
  readonly clock: { now(): EpochMs };
}

/** The key without the tenant's prefix. */
export const scheduleKey = ({ sync, provider, scope }: ScopeKey): SyncItemKey => ({
  id: `due#${sync}#${provider}`,
  part: scope,
});

export function createScheduleStore({ table: given, clock }: ScheduleStoreOptions): ScheduleStore {
  const table = given.withSchema(SYNC_TENANT_TABLE);
  return {
    async read(key) {
      const item = await table.get(scheduleKey(key));
      return item && readSchedule(item);
    },

    write(tx, key, before, { schedule, stopped }) {
      table.within(tx).put({
        Item: {
          ...STORED_FORMAT,
          ...scheduleKey(key),
          content: JSON.stringify({ schedule, stopped }),
          revision: (before?.revision ?? 0) + 1,
          // of all tenants in one partition, which takes 1,000 writes per second: 30,000 subscriptions each minute
          ...(stopped === undefined && { dueShard: key.sync, dueAt: dueAtOf(schedule, clock.now()) }),
        },
        ...ifUnchanged('revision', before?.revision),
        refused: () => new SyncRaceError('a schedule'),
      });
    },
  };
}

// what this release has written has this form: its format was checked
export const readSchedule = ({ content, revision }: SyncItem): StoredSchedule => ({
  ...(content as Omit<StoredSchedule, 'revision'>),
  revision,
});
