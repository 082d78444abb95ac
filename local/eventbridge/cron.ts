import type { EpochMs } from '../../lib/shared/time.ts';
import { type CronField, parseCronField, parseCronValue } from './cron-field.ts';

/** The first time after an instant at which a schedule is due; undefined when there is none. */
export type NextTime = (after: EpochMs) => EpochMs | undefined;

interface Day {
  readonly year: number;
  /** 1 to 12 */
  readonly month: number;
  /** 1 to 31 */
  readonly day: number;
}

type DayTest = (day: Day) => boolean;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const MINUTES: CronField = { name: 'minutes', least: 0, most: 59 };
const HOURS: CronField = { name: 'hours', least: 0, most: 23 };
const DAYS: CronField = { name: 'day-of-month', least: 1, most: 31 };
const MONTHS: CronField = {
  name: 'month',
  least: 1,
  most: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
const WEEKDAYS: CronField = {
  name: 'day-of-week',
  least: 1,
  most: 7,
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
};
const YEARS: CronField = { name: 'year', least: 1970, most: 2199 };

/**
 * Compiles the six fields of `cron(...)`, in UTC: minutes, hours, day-of-month, month, day-of-week, year.
 * @throws RangeError naming the field at fault.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export function compileCron(fields: string): NextTime {
  const [minuteText, hourText, dayText, monthText, weekdayText, yearText, ...more] = fields.split(' ');
  if (
    minuteText === undefined ||
    hourText === undefined ||
    dayText === undefined ||
    monthText === undefined ||
    weekdayText === undefined ||
    yearText === undefined ||
    more.length > 0
  ) {
    throw new RangeError('it needs six fields: minutes hours day-of-month month day-of-week year');
  }
  if ((dayText === '?') === (weekdayText === '?')) {
    throw new RangeError("exactly one of day-of-month and day-of-week must be '?'");
  }
  const minutes = inOrder(parseCronField(minuteText, MINUTES));
  const hours = inOrder(parseCronField(hourText, HOURS));
  const months = parseCronField(monthText, MONTHS);
  const years = parseCronField(yearText, YEARS);
  const isDue = dayText === '?' ? compileWeekday(weekdayText) : compileDayOfMonth(dayText);
  const timesMs = hours.flatMap((hour) => minutes.map((minute) => hour * HOUR_MS + minute * MINUTE_MS));
  const lastYear = Math.max(...years);

  return (after) => {
    for (let midnight = Math.floor(after / DAY_MS) * DAY_MS; ; midnight += DAY_MS) {
      const day = dayOf(midnight);
      if (day.year > lastYear) return undefined;
      if (!years.has(day.year) || !months.has(day.month) || !isDue(day)) continue;
      const timeMs = timesMs.find((time) => midnight + time > after);
      if (timeMs !== undefined) return (midnight + timeMs) as EpochMs;
    }
  };
}

function compileDayOfMonth(text: string): DayTest {
  if (text === 'L') return ({ year, month, day }) => day === daysIn(year, month);
  const [, weekdayNear] = /^(\d+)W$/.exec(text) ?? [];
  if (weekdayNear === undefined) {
    const days = parseCronField(text, DAYS);
    return ({ day }) => days.has(day);
  }
  const wanted = parseCronValue(weekdayNear, DAYS);
  return ({ year, month, day }) => day === nearestWorkday(year, month, wanted);
}

function compileWeekday(text: string): DayTest {
  if (text === 'L') return (day) => weekdayOf(day) === WEEKDAYS.most;
  const [, name = '', kind, nth] = /^(\w+?)(?:(L)|#([1-5]))$/.exec(text) ?? [];
  if (kind === undefined && nth === undefined) {
    const weekdays = parseCronField(text, WEEKDAYS);
    return (day) => weekdays.has(weekdayOf(day));
  }
  const weekday = parseCronValue(name, WEEKDAYS);
  if (nth !== undefined) return (day) => weekdayOf(day) === weekday && Math.ceil(day.day / 7) === Number(nth);
  return (day) => weekdayOf(day) === weekday && day.day > daysIn(day.year, day.month) - 7;
}

/** The workday closest to a date, within its month; undefined when the month has no such date. */
function nearestWorkday(year: number, month: number, day: number): number | undefined {
  const lastDay = daysIn(year, month);
  if (day > lastDay) return undefined;
  const weekday = weekdayOf({ year, month, day });
  if (weekday === 7) return day === 1 ? 3 : day - 1;
  if (weekday === 1) return day === lastDay ? day - 2 : day + 1;
  return day;
}

function dayOf(midnight: number): Day {
  const date = new Date(midnight);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** 1 for Sunday to 7 for Saturday. */
const weekdayOf = ({ year, month, day }: Day) => new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;

const daysIn = (year: number, month: number) => new Date(Date.UTC(year, month, 0)).getUTCDate();

const inOrder = (values: ReadonlySet<number>) => [...values].toSorted((a, b) => a - b);
