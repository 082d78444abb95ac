import type { Clock } from '../shared/time.ts';

/** The longest visibility timeout of SQS; whoever asks for more is asked again then. */
const LONGEST_SECONDS = 43_200;

/**
 * Whole seconds that a `Retry-After` header asks for: a number of seconds or an HTTP date. Undefined where it is missing
 * or neither.
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function readRetryAfter(header: string | null, clock: Clock): number | undefined {
  const text = header?.trim() ?? '';
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((readHttpDate(text) - clock.now()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), LONGEST_SECONDS);
}

/** `Date.parse` alone would take `-5` for a year. */
const readHttpDate = (text: string): number => (text.endsWith(' GMT') ? Date.parse(text) : Number.NaN);
