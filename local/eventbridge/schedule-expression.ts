import { addMs } from '../../lib/shared/time.ts';
import { compileCron, type NextTime } from './cron.ts';
import { validationError } from './members.ts';

export interface ScheduleExpression {
  /** As it was put: `rate(5 minutes)`. */
  readonly text: string;
  readonly next: NextTime;
}

const MINUTE_MS = 60_000;
const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['minute', MINUTE_MS],
  ['hour', 60 * MINUTE_MS],
  ['day', 24 * 60 * MINUTE_MS],
]);

/**
 * Reads `rate(<n> <unit>)`, with a singular unit for 1 only, or `cron(<six fields>)`, in UTC.
 * @throws AwsError `ValidationException`
 */
export function parseSchedule(text: string): ScheduleExpression {
  const [, fields] = /^cron\((.*)\)$/.exec(text) ?? [];
  if (fields === undefined) return { text, next: parseRate(text) };
  try {
    return { text, next: compileCron(fields) };
  } catch (error) {
    if (error instanceof RangeError) throw invalidSchedule(text, error.message);
    throw error;
  }
}

function parseRate(text: string): NextTime {
  const [, count = '', unit = ''] = /^rate\(([1-9]\d*) (minute|hour|day|minutes|hours|days)\)$/.exec(text) ?? [];
  const isSingular = !unit.endsWith('s');
  const unitMs = UNITS_MS.get(isSingular ? unit : unit.slice(0, -1));
  if (unitMs === undefined || isSingular !== (count === '1')) {
    throw invalidSchedule(
      text,
      'allowed are rate(1 minute|hour|day), rate(<n> minutes|hours|days) and cron(<six fields>)',
    );
  }
  const periodMs = Number(count) * unitMs;
  return (after) => addMs(after, periodMs);
}

const invalidSchedule = (text: string, reason: string) =>
  validationError(`Parameter ScheduleExpression is not valid: '${text}': ${reason}.`);
