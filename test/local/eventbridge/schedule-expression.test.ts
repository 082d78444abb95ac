import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { parseSchedule } from '../../../local/eventbridge/schedule-expression.ts';

const at = (time: string) => Date.parse(time) as EpochMs;

const nextTimes = (expression: string, after: string, count: number) => {
  const { next } = parseSchedule(expression);
  const times: string[] = [];
  for (let instant = next(at(after)); instant !== undefined && times.length < count; instant = next(instant)) {
    times.push(new Date(instant).toISOString().slice(0, 16));
  }
  return times;
};

describe('schedule expressions', () => {
  it.each([
    ['rate(1 minute)', ['2026-11-20T06:01', '2026-11-20T06:02']],
    ['rate(12 hours)', ['2026-11-20T18:00', '2026-11-21T06:00']],
    ['rate(2 days)', ['2026-11-22T06:00', '2026-11-24T06:00']],
    ['cron(0 8 * * ? *)', ['2026-11-20T08:00', '2026-11-21T08:00']],
    ['cron(0 6 * * ? *)', ['2026-11-21T06:00', '2026-11-22T06:00']],
    ['cron(0/15 * * * ? *)', ['2026-11-20T06:15', '2026-11-20T06:30']],
    ['cron(10,5 7-8 * * ? *)', ['2026-11-20T07:05', '2026-11-20T07:10', '2026-11-20T08:05']],
    [
      'cron(0/20 8-17/9 ? * MON-FRI *)',
      ['2026-11-20T08:00', '2026-11-20T08:20', '2026-11-20T08:40', '2026-11-20T17:00'],
    ],
    ['cron(0 18 ? * mon *)', ['2026-11-23T18:00', '2026-11-30T18:00']],
    ['cron(0 0 1 1/6 ? *)', ['2027-01-01T00:00', '2027-07-01T00:00']],
    ['cron(0 0 29 2 ? *)', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['cron(0 0 L * ? *)', ['2026-11-30T00:00', '2026-12-31T00:00', '2027-01-31T00:00', '2027-02-28T00:00']],
    ['cron(0 0 ? * L *)', ['2026-11-21T00:00', '2026-11-28T00:00']],
    ['cron(0 0 ? * 6L *)', ['2026-11-27T00:00', '2026-12-25T00:00']],
    ['cron(0 0 ? * TUE#2 *)', ['2026-12-08T00:00', '2027-01-12T00:00']],
    ['cron(0 0 22W * ? *)', ['2026-11-23T00:00', '2026-12-22T00:00']],
    ['cron(0 0 1W AUG,MAY ? *)', ['2027-05-03T00:00', '2027-08-02T00:00']],
    ['cron(0 0 31W JAN,FEB ? *)', ['2027-01-29T00:00', '2028-01-31T00:00']],
    ['cron(0 12 24 12 ? 2026)', ['2026-12-24T12:00']],
    ['cron(0 0 31 2 ? *)', []],
  ])('%s', (expression, expected) => {
    expect(nextTimes(expression, '2026-11-20T06:00:00Z', Math.max(expected.length, 1))).toEqual(expected);
  });

  it.each([
    ['cron(0 8 * * *)', 'it needs six fields: minutes hours day-of-month month day-of-week year'],
    ['cron(0 8 * * * *)', "exactly one of day-of-month and day-of-week must be '?'"],
    ['cron(0 8 ? * ? *)', "exactly one of day-of-month and day-of-week must be '?'"],
    ['cron(60 8 * * ? *)', "minutes '60' is not from 0 to 59"],
    ['cron(0 24 * * ? *)', "hours '24' is not from 0 to 23"],
    ['cron(0 8 0 * ? *)', "day-of-month '0' is not from 1 to 31"],
    ['cron(0 8 * FOO ? *)', "month 'FOO' is not from 1 to 12"],
    ['cron(0 8 ? * 8 *)', "day-of-week '8' is not from 1 to 7"],
    ['cron(0 18-8 * * ? *)', "hours '18-8' is no range from low to high"],
    ['cron(0/0 8 * * ? *)', "minutes '0/0' is no value, range or step of 1 or more"],
    ['cron(0 8 * * ? 1969)', "year '1969' is not from 1970 to 2199"],
  ])('refuses %s', (expression, reason) => {
    expect(() => parseSchedule(expression)).toThrow(
      expect.objectContaining({
        code: 'ValidationException',
        message: `Parameter ScheduleExpression is not valid: '${expression}': ${reason}.`,
      }),
    );
  });
});
