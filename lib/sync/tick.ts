import type { Logger } from '@aws-lambda-powertools/logger';
import { type DeployedSync, hasCode, METRIC } from '../definitions/index.ts';
import type { Outbox } from '../outbox/index.ts';
import { createSemaphore } from '../shared/semaphore.ts';
import { loggable } from '../shared/thrown.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import type { Tenancy, TenantTable } from '../tenancy/index.ts';
import { type SyncScope, syncRequested } from './events.ts';
import { decideTick, firstSchedule, intervalOf, isOverdue, type Schedule } from './schedule.ts';
import { createScheduleStore, readSchedule, scheduleKey } from './schedule-store.ts';
import type { ScopeKey } from './state.ts';
import type { SyncItem } from './sync-item.ts';
import { createSyncStore } from './sync-store.ts';
import { SYNC_INDEX, SYNC_TABLE } from './table.ts';

export interface SyncTickDeps extends DeployedSync {
  /** A table of `SYNC_TABLE` whose items `parseSyncItem` reads. */
  readonly table: TenantTable<SyncItem>;
  readonly tenancy: Pick<Tenancy, 'mode' | 'runAsTenant' | 'withoutTenant'>;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: { addMetric(name: string, unit: 'Count', value: number): unknown };
}

/** What a tick found among the subscriptions that were due. */
export interface TickReport {
  /** Runs that it has asked for. */
  readonly asked: number;
  /** Whose run is under way. */
  readonly underWay: number;
  /** Without a run that ended well for four intervals. */
  readonly overdue: number;
  /** Whose deletes wait for an approval. */
  readonly approvalsDue: number;
  /** That could not be scheduled; they stay due. */
  readonly failed: number;
  /** Whether more are due than there was time for. */
  readonly more: boolean;
}

export interface SyncTick {
  /** Asks for the runs that are due, until then. */
  run(endsAt: EpochMs): Promise<TickReport>;
}

const PAGE = 100;
const AT_A_TIME = 8;

/** A provider that the deployment does not have is looked at again after a day. */
const UNKNOWN_PROVIDER_MS = 24 * 60 * 60 * 1000;

/**
 * Asks for the runs of a sync that are due, of all tenants: one request per subscription and scope, committed with its
 * schedule. A subscription whose run is under way, or whose request waits, is asked for nothing.
 */
export function createSyncTick(deps: SyncTickDeps): SyncTick {
  const { name, providers, tenancy, outbox, clock, logger, metrics } = deps;
  const table = deps.table.withSchema(SYNC_TABLE);
  const schedules = createScheduleStore(deps);
  const store = createSyncStore(deps);
  let hasBegun = false;

  /** Without tenants nobody has to begin a subscription: each provider has one. */
  const begin = async (): Promise<void> => {
    if (hasBegun) return;
    for (const [provider, detection] of Object.entries(providers)) {
      for (const scope of ['increment', 'full'] as const) {
        const key: ScopeKey = { sync: name, provider, scope };
        const interval = intervalOf(detection, scope);
        if (interval === undefined || (await schedules.read(key)) !== undefined) continue;
        const schedule = firstSchedule(scope, interval, clock.now());
        await outbox
          .transact((tx) => schedules.write(tx, key, undefined, { schedule, stopped: undefined }))
          .catch(ignoreLostRace);
      }
    }
    hasBegun = true;
  };

  const duePage = (after: string | undefined) =>
    tenancy.withoutTenant('the schedule of a sync looks for what is due', () =>
      table.query({
        indexName: SYNC_INDEX.byDue,
        partition: name,
        sortTo: clock.now(),
        limit: PAGE,
        ...(after !== undefined && { after }),
      }),
    );

  const take = async (item: SyncItem, key: ScopeKey, found: Found): Promise<void> => {
    const before = readSchedule(item);
    const now = clock.now();
    const detection = providers[key.provider];
    const interval = detection && intervalOf(detection, key.scope);
    if (interval === undefined) {
      const schedule = { ...before.schedule, nextAt: addMs(now, UNKNOWN_PROVIDER_MS), okAt: now };
      await outbox.transact((tx) => schedules.write(tx, key, before, { ...before, schedule }));
      return;
    }
    const { run } = await store.readScope(key);
    const schedule = { ...before.schedule, interval };
    const { asks, after } = decideTick(schedule, run !== undefined, now);
    await outbox.transact((tx) => {
      schedules.write(tx, key, before, { ...before, schedule: after });
      if (!asks) return;
      const mode = key.scope === 'increment' ? 'increment' : 'reconcile';
      tx.publish(syncRequested({ name }), { provider: key.provider, mode, trigger: 'schedule' });
    });
    if (asks) found.asked += 1;
    if (run !== undefined) found.underWay += 1;
    if (run?.status === 'awaiting-approval') found.approvalsDue += 1;
    if (isOverdue(schedule, now)) {
      found.overdue += 1;
      logger.warn('sync: subscription is overdue', {
        ...key,
        ok_at: new Date(schedule.okAt).toISOString(),
        run_id: run?.runId,
        status: run?.status,
      });
    }
  };

  const takeSafely = async (item: SyncItem, found: Found): Promise<void> => {
    const owner = ownerOf(item, name);
    try {
      if (owner === undefined) throw new RangeError(`'${item.id}' is no key of a schedule`);
      await tenancy.runAsTenant(owner.tenantId, () => take(item, owner.key, found));
    } catch (error) {
      // it was scheduled meanwhile, by the end of its run or by another tick
      if (hasCode(error, 'SYNC_RACE_LOST')) return;
      found.failed += 1;
      logger.error('sync: a subscription could not be scheduled', {
        ...owner?.key,
        tenant_id: owner?.tenantId,
        error: loggable(error),
      });
    }
  };

  return {
    async run(endsAt) {
      const found: Found = { asked: 0, underWay: 0, overdue: 0, approvalsDue: 0, failed: 0 };
      if (tenancy.mode === 'none') await begin();
      const semaphore = createSemaphore(AT_A_TIME);
      let after: string | undefined;
      do {
        const page = await duePage(after);
        await Promise.all(page.items.map((item) => semaphore.run(() => takeSafely(item, found))));
        after = page.next;
      } while (after !== undefined && clock.now() < endsAt);
      // also without any: the alarm tells if nobody ticks
      metrics.addMetric(METRIC.syncSubscriptionsOverdue, 'Count', found.overdue);
      if (found.approvalsDue > 0) metrics.addMetric(METRIC.syncApprovalsDue, 'Count', found.approvalsDue);
      return { ...found, more: after !== undefined };
    },
  };
}

type Found = { -readonly [Name in Exclude<keyof TickReport, 'more'>]: number };

interface Owner {
  readonly tenantId: string | undefined;
  readonly key: ScopeKey;
}

/** A schedule of any tenant. */
export interface DueSubscription extends Owner {
  readonly schedule: Schedule;
  readonly dueAt: EpochMs;
}

/** The schedules of a sync, of all tenants, those that are due first. Stopped ones are not in it. */
export async function listScheduled(
  { name, table, tenancy }: Pick<SyncTickDeps, 'name' | 'table' | 'tenancy'>,
  most: number,
): Promise<readonly DueSubscription[]> {
  const found: DueSubscription[] = [];
  let after: string | undefined;
  do {
    const request = {
      indexName: SYNC_INDEX.byDue,
      partition: name,
      limit: PAGE,
      ...(after !== undefined && { after }),
    };
    const page = await tenancy.withoutTenant('an operator lists the schedules of a sync', () =>
      table.withSchema(SYNC_TABLE).query(request),
    );
    for (const item of page.items) {
      const owner = ownerOf(item, name);
      if (owner !== undefined && item.dueAt !== undefined)
        found.push({ ...owner, schedule: readSchedule(item).schedule, dueAt: item.dueAt as EpochMs });
    }
    after = page.next;
  } while (after !== undefined && found.length < most);
  return found.slice(0, most);
}

/** Whose schedule an item is, by its stored key: the tenant, `#`, and the key as the tenant sees it. */
function ownerOf({ id, part }: SyncItem, sync: string): Owner | undefined {
  const [, tenantId, provider] = /^(?:([^#]+)#)?due#[^#]+#([^#]+)$/.exec(id) ?? [];
  if (provider === undefined || !isScope(part)) return undefined;
  const key: ScopeKey = { sync, provider, scope: part };
  return id.endsWith(scheduleKey(key).id) ? { tenantId, key } : undefined;
}

const isScope = (part: string): part is SyncScope => part === 'increment' || part === 'full';

function ignoreLostRace(error: unknown): void {
  if (!hasCode(error, 'SYNC_RACE_LOST')) throw error;
}
