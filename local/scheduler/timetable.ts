import type { EpochMs } from '../../lib/shared/time.ts';
import type { NextTime } from '../eventbridge/cron.ts';
import { validationError } from '../eventbridge/members.ts';
import { parseSchedule } from '../eventbridge/schedule-expression.ts';
import { findTimeZone, type TimeZone } from './time-zone.ts';

export interface TimetableOptions {
  /** `at(…)`, `rate(…)` or `cron(…)`. */
  readonly expression: string;
  readonly timeZone: string;
  /** When the schedule was created or last updated: a rate without a start date counts from here, and begins at once. */
  readonly since: EpochMs;
  readonly startDate: EpochMs | undefined;
  readonly endDate: EpochMs | undefined;
}

/** When a schedule is due; a one-time schedule passes over start and end date. */
export interface Timetable {
  readonly isOneTime: boolean;
  /** The first time after an instant; undefined when there is none any more. */
  readonly next: NextTime;
}

/** @throws AwsError ValidationException for an expression or a time zone that is none. */
export function createTimetable(options: TimetableOptions): Timetable {
  const { expression, startDate, endDate } = options;
  const zone = findTimeZone(options.timeZone);
  if (zone === undefined) throw validationError(`Invalid Schedule Expression Timezone ${options.timeZone}.`);

  const [, wallTimeText] = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$/.exec(expression) ?? [];
  if (wallTimeText !== undefined) {
    const wallTime = Date.parse(`${wallTimeText}Z`);
    if (Number.isNaN(wallTime)) throw invalidExpression(expression);
    const dueAt = zone.instantOf(wallTime);
    return { isOneTime: true, next: (after) => (dueAt !== undefined && dueAt > after ? dueAt : undefined) };
  }
  const recurring = recurringTimes(options, zone);
  return {
    isOneTime: false,
    next(after) {
      // what is due on the start date itself is not missed
      const from = startDate === undefined ? after : (Math.max(after, startDate - 1) as EpochMs);
      const dueAt = recurring(from);
      return dueAt !== undefined && (endDate === undefined || dueAt <= endDate) ? dueAt : undefined;
    },
  };
}

function recurringTimes({ expression, since, startDate }: TimetableOptions, zone: TimeZone): NextTime {
  const { next } = parse(expression);
  if (!expression.startsWith('rate(')) return inZone(next, zone);
  const anchor = startDate ?? since;
  const periodMs = (next(anchor) ?? anchor) - anchor;
  return (after) => (after < anchor ? anchor : nextMultiple(anchor, periodMs, after));
}

const nextMultiple = (anchor: number, periodMs: number, after: number): EpochMs =>
  (anchor + (Math.floor((after - anchor) / periodMs) + 1) * periodMs) as EpochMs;

/** A time that the clocks skip is passed over, one that they show twice is due once. */
const inZone =
  (next: NextTime, zone: TimeZone): NextTime =>
  (after) => {
    for (let wallTime: number | undefined = zone.wallTimeOf(after); ; ) {
      wallTime = next(wallTime as EpochMs);
      if (wallTime === undefined) return undefined;
      const instant = zone.instantOf(wallTime);
      if (instant !== undefined && instant > after) return instant;
    }
  };

function parse(expression: string) {
  try {
    return parseSchedule(expression);
  } catch (cause) {
    throw invalidExpression(expression, cause);
  }
}

const invalidExpression = (expression: string, cause?: unknown) => {
  const reason = cause instanceof Error ? ` ${cause.message}` : '';
  return validationError(`Invalid Schedule Expression ${expression}.${reason}`, cause);
};
