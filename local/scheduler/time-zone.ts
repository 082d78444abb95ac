import type { EpochMs } from '../../lib/shared/time.ts';

/** What the clocks on the walls of a time zone show; wall times are written as milliseconds, as if they were UTC. */
export interface TimeZone {
  wallTimeOf(instant: EpochMs): number;
  /** The first instant at which the clocks show it; undefined for a time that they skip. */
  instantOf(wallTime: number): EpochMs | undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;

const UTC: TimeZone = { wallTimeOf: (instant) => instant, instantOf: (wallTime) => wallTime as EpochMs };

/** Undefined for a name that the tz database does not have. */
export function findTimeZone(name: string): TimeZone | undefined {
  if (name === 'UTC') return UTC;
  const format = openFormat(name);
  if (format === undefined) return undefined;

  const wallTimeOf = (instant: number): number => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    const wallTime = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return wallTime + (((instant % 1000) + 1000) % 1000);
  };
  const offsetAt = (instant: number) => wallTimeOf(instant) - instant;

  return {
    wallTimeOf,
    instantOf(wallTime) {
      // no zone changes its offset twice within two days: one of these offsets holds at the time
      const candidates = [offsetAt(wallTime - DAY_MS), offsetAt(wallTime + DAY_MS)].map((offset) => wallTime - offset);
      const matching = candidates.filter((instant) => wallTimeOf(instant) === wallTime);
      return matching.length === 0 ? undefined : (Math.min(...matching) as EpochMs);
    },
  };
}

function openFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    // a RangeError: there is no such zone
    return undefined;
  }
}
