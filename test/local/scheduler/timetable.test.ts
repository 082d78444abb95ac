import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createTimetable } from '../../../local/scheduler/timetable.ts';

const at = (text: string) => Date.parse(text) as EpochMs;

const dueTimes = (expression: string, timeZone: string, from: string, count: number) => {
  const { next } = createTimetable({
    expression,
    timeZone,
    since: at(from),
    startDate: undefined,
    endDate: undefined,
  });
  const times: string[] = [];
  for (let due = next(at(from)); due !== undefined && times.length < count; due = next(due)) {
    times.push(new Date(due).toISOString());
  }
  return times;
};

describe('a timetable', () => {
  it('keeps its local hour when the clocks change', () => {
    expect(dueTimes('cron(0 8 * * ? *)', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T07:00:00.000Z',
      '2026-03-29T06:00:00.000Z',
      '2026-03-30T06:00:00.000Z',
    ]);
  });

  it('skips a time that the clocks skip', () => {
    expect(dueTimes('cron(30 2 * * ? *)', 'America/New_York', '2026-03-07T12:00:00Z', 2)).toEqual([
      '2026-03-09T06:30:00.000Z',
      '2026-03-10T06:30:00.000Z',
    ]);
  });

  it('is due once at a time that the clocks show twice', () => {
    expect(dueTimes('cron(30 1 * * ? *)', 'America/New_York', '2026-10-31T12:00:00Z', 2)).toEqual([
      '2026-11-01T05:30:00.000Z',
      '2026-11-02T06:30:00.000Z',
    ]);
  });

  it('is due once on a day of a zone far ahead of UTC', () => {
    expect(dueTimes('cron(0 0 1 * ? *)', 'Pacific/Kiritimati', '2026-11-20T00:00:00Z', 2)).toEqual([
      '2026-11-30T10:00:00.000Z',
      '2026-12-31T10:00:00.000Z',
    ]);
  });

  it('reads a one-time schedule in its zone', () => {
    expect(dueTimes('at(2026-11-20T12:00:00)', 'Asia/Kolkata', '2026-11-20T00:00:00Z', 2)).toEqual([
      '2026-11-20T06:30:00.000Z',
    ]);
  });

  it('is never due at a single time that the clocks skip or that has passed', () => {
    expect(dueTimes('at(2026-03-29T02:30:00)', 'Europe/Berlin', '2026-03-01T00:00:00Z', 1)).toEqual([]);
    expect(dueTimes('at(2026-11-19T00:00:00)', 'UTC', '2026-11-20T00:00:00Z', 1)).toEqual([]);
  });
});
