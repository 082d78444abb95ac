import type { SyncDefinition } from '../definitions/index.ts';
import type { UnitOfWork } from '../outbox/index.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import { decideTick, firstSchedule, intervalOf, type Schedule, scheduleAfter } from './schedule.ts';
import type { ScheduleStore } from './schedule-store.ts';
import type { ActiveRun, RunStatus, ScopeKey, ScopeState } from './state.ts';

export interface RescheduleDeps {
  readonly definition: SyncDefinition;
  readonly schedules: ScheduleStore;
  readonly clock: Clock;
}

/**
 * Sets when the subscription is read next, with the end of a run. The first run of a subscription begins its schedules.
 * @param state after the run
 */
export async function reschedule(
  { definition, schedules, clock }: RescheduleDeps,
  tx: UnitOfWork,
  key: ScopeKey,
  { run, status, state }: { readonly run: ActiveRun; readonly status: RunStatus; readonly state: AfterRun },
): Promise<void> {
  const detection = definition.providers[key.provider];
  if (detection === undefined) return;
  const now = clock.now();
  for (const scope of ['increment', 'full'] as const) {
    const interval = intervalOf(detection, scope);
    if (interval === undefined) continue;
    const own = { ...key, scope };
    const before = await schedules.read(own);
    const schedule = before?.schedule ?? firstSchedule(scope, interval, now);
    // a backfill says nothing of records that are missing: the next reconcile is due as it was
    const isAnswer = key.scope === scope && run.mode !== 'backfill';
    if (!isAnswer && before !== undefined) continue;
    const after: Schedule = isAnswer
      ? scheduleAfter(
          { status, startedAt: run.startedAt, okAt: state.lastSuccessAt ?? state.since ?? run.startedAt },
          { interval, setbacks: state.setbacks ?? 0, now },
        )
      : schedule;
    schedules.write(tx, own, before, { schedule: after, stopped: before?.stopped });
  }
}

/** Has a run that waits for somebody looked at, also one that was asked for by hand. */
export async function lookSoon({ schedules, clock }: RescheduleDeps, tx: UnitOfWork, key: ScopeKey): Promise<void> {
  const before = await schedules.read(key);
  if (before === undefined) return;
  const now = clock.now();
  const { after: schedule } = decideTick(before.schedule, true, now);
  if (schedule.nextAt < before.schedule.nextAt) schedules.write(tx, key, before, { ...before, schedule });
}

type AfterRun = Pick<ScopeState, 'lastSuccessAt' | 'since' | 'setbacks'>;

/** What the end of a run changes in its scope, beside the run itself. */
export function stateAfter(
  { lastSuccessAt, setbacks = 0, since }: AfterRun,
  { startedAt }: ActiveRun,
  status: RunStatus,
  now: EpochMs,
): AfterRun {
  const isRead = status === 'succeeded' || status === 'partial';
  return {
    lastSuccessAt: isRead ? now : lastSuccessAt,
    since: since ?? startedAt,
    setbacks: status === 'succeeded' ? 0 : status === 'cancelled' ? setbacks : setbacks + 1,
  };
}
