import { FAILURE_STATES, type FailureFilter } from '../lib/operations/index.ts';
import { addMs, type EpochMs } from '../lib/shared/time.ts';
import type { Arguments } from '../local/start/arguments.ts';
import { readTenant } from './command.ts';

/** Options that select failures. */
export const FAILURE_FILTER = {
  fingerprint: { value: 'ID', text: 'only failures with this fingerprint, as failures shows it' },
  type: { value: 'TYPE', text: 'only events of this type' },
  tenant: { value: 'ID', text: 'only events of this tenant' },
  group: { value: 'GROUP', text: 'only events of this group' },
  state: {
    value: 'STATE',
    values: FAILURE_STATES,
    text: 'retrying, deferred (waits for something else), or dead (it is in the DLQ)',
  },
  'older-than': { value: 'AGE', text: 'failed for the first time before: 90s, 30m, 12h or 2d' },
} as const;

export interface GivenFilter {
  readonly filter: Omit<FailureFilter, 'before'>;
  readonly olderThanMs: number | undefined;
}

export function readFailureFilter(given: Arguments): GivenFilter {
  const fingerprint = given.text('fingerprint');
  if (fingerprint !== undefined && !/^[0-9a-f]{12}$/.test(fingerprint)) {
    given.refuse(`--fingerprint must have 12 hexadecimal digits, as failures shows them, got '${fingerprint}'`);
  }
  return {
    filter: {
      fingerprint,
      type: given.text('type'),
      tenantId: readTenant(given),
      group: given.text('group'),
      state: given.oneOf('state', FAILURE_STATES),
    },
    olderThanMs: readAge(given, 'older-than'),
  };
}

const AGE_UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time of the command line, such as `30m`. */
export function readAge(given: Arguments, option: string): number | undefined {
  const text = given.text(option);
  if (text === undefined) return undefined;
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (unit === '') given.refuse(`--${option} must be a number and s, m, h or d, such as 90s or 2d, got '${text}'`);
  return Number(number) * (AGE_UNIT_MS[unit] ?? 0);
}

export const filterAt = ({ filter, olderThanMs }: GivenFilter, now: EpochMs): FailureFilter => ({
  ...filter,
  before: olderThanMs === undefined ? undefined : addMs(now, -olderThanMs),
});
