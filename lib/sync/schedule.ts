import type { ScheduledProvider } from '../definitions/index.ts';
import { addMs, type EpochMs } from '../shared/time.ts';
import type { SyncScope } from './events.ts';
import type { RunStatus } from './state.ts';

/** When a scope of a subscription is read next. */
export interface Schedule {
  /** When a run is asked for, or, while one is under way, when it is looked at. */
  readonly nextAt: EpochMs;
  /** Requests that no run has answered yet. */
  readonly asked: number;
  /** When its last run that did not fail has ended, or, without one, when its first run has begun. */
  readonly okAt: EpochMs;
  /** Milliseconds between two runs, as they were declared last. */
  readonly interval: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The first wait after a run that failed or left parked records; it doubles with each, up to the interval. */
const FIRST_RETRY_MS = 5 * MINUTE_MS;

/** A run that is under way, and a subscription that is overdue, are looked at so often. */
const LOOK_MS = 15 * MINUTE_MS;

/**
 * A request is an event in a strict group, so it is lost only if an operator drops it. It is repeated after an hour, then
 * after two, up to a day.
 */
const REPEAT_MS = HOUR_MS;

/** Intervals without a run that ended well, from which a subscription is overdue. */
const OVERDUE_INTERVALS = 4;

/** Shorter intervals count as this much: a subscription of every minute is not overdue after one deployment. */
const LEAST_OVERDUE_MS = HOUR_MS;

/** Milliseconds between two runs; undefined if the scope has no schedule. */
export function intervalOf({ everyMinutes, deletes }: ScheduledProvider, scope: SyncScope): number | undefined {
  if (scope === 'increment') return everyMinutes * MINUTE_MS;
  return deletes.kind === 'reconcile' ? deletes.everyHours * HOUR_MS : undefined;
}

/** Of a subscription that was not scheduled: its first increment is due at once, and reads everything. */
export const firstSchedule = (scope: SyncScope, interval: number, now: EpochMs): Schedule => ({
  nextAt: scope === 'increment' ? now : addMs(now, interval),
  asked: 0,
  okAt: now,
  interval,
});

/** After a run. @param setbacks runs in a row that failed or left parked records, this one included */
export function scheduleAfter(
  { status, startedAt, okAt }: { readonly status: RunStatus; readonly startedAt: EpochMs; readonly okAt: EpochMs },
  { interval, setbacks, now }: { readonly interval: number; readonly setbacks: number; readonly now: EpochMs },
): Schedule {
  const isSetBack = status === 'failed' || status === 'partial';
  const retryAt = addMs(now, Math.min(interval, FIRST_RETRY_MS * 2 ** Math.min(setbacks - 1, 20)));
  const regularAt = addMs(status === 'cancelled' ? now : startedAt, interval);
  const nextAt = isSetBack && retryAt < regularAt ? retryAt : regularAt;
  return { nextAt: nextAt < now ? now : nextAt, asked: 0, okAt, interval };
}

export const isOverdue = (schedule: Schedule, now: EpochMs): boolean => now >= overdueAt(schedule);

const overdueAt = ({ okAt, interval }: Schedule): EpochMs =>
  addMs(okAt, Math.max(OVERDUE_INTERVALS * interval, LEAST_OVERDUE_MS));

/** When the tick has something to do for it: to ask for a run, or to look at one that was asked for or is overdue. */
export function dueAtOf(schedule: Schedule, now: EpochMs): EpochMs {
  const lateAt = overdueAt(schedule);
  const isLookedAt = schedule.asked > 0 || lateAt <= now;
  return Math.min(schedule.nextAt, isLookedAt ? addMs(now, LOOK_MS) : lateAt) as EpochMs;
}

/** What the tick does with a schedule that is due. */
export interface TickDecision {
  readonly asks: boolean;
  readonly after: Schedule;
}

/** Never asks while a run is under way, and again for one that has not begun only after an hour. */
export function decideTick(schedule: Schedule, isUnderWay: boolean, now: EpochMs): TickDecision {
  if (isUnderWay) return { asks: false, after: { ...schedule, nextAt: addMs(now, LOOK_MS) } };
  if (schedule.nextAt > now) return { asks: false, after: schedule };
  const wait = Math.min(REPEAT_MS * 2 ** Math.min(schedule.asked, 10), DAY_MS);
  return { asks: true, after: { ...schedule, nextAt: addMs(now, wait), asked: schedule.asked + 1 } };
}
