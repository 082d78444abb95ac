import { validationError } from './members.ts';

export interface ScheduleExpression {
  /** As it was put: `rate(5 minutes)`. */
  readonly text: string;
  readonly periodMs: number;
}

const MINUTE_MS = 60_000;
const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['minute', MINUTE_MS],
  ['hour', 60 * MINUTE_MS],
  ['day', 24 * 60 * MINUTE_MS],
]);

/**
 * Reads `rate(<n> <unit>)`: minute, hour or day for 1, else minutes, hours or days.
 * @throws AwsError `ValidationException`, also for `cron(...)`, which this run does not know.
 */
export function parseSchedule(text: string): ScheduleExpression {
  if (/^cron\(.*\)$/.test(text)) {
    throw validationError(
      `Parameter ScheduleExpression is not valid: '${text}' is a cron expression, which the local run does not support; use rate(<n> minutes|hours|days).`,
    );
  }
  const [, count = '', unit = ''] = /^rate\(([1-9]\d*) (minute|hour|day|minutes|hours|days)\)$/.exec(text) ?? [];
  const isSingular = !unit.endsWith('s');
  const unitMs = UNITS_MS.get(isSingular ? unit : unit.slice(0, -1));
  if (unitMs === undefined || isSingular !== (count === '1')) {
    throw validationError(
      `Parameter ScheduleExpression is not valid: '${text}'; allowed are rate(1 minute|hour|day) and rate(<n> minutes|hours|days).`,
    );
  }
  return { text, periodMs: Number(count) * unitMs };
}
