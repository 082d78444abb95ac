import type { EpochMs } from '../shared/time.ts';
import type { Fields } from './change.ts';

/**
 * What the provider has of a record once a change of ours is written to it. It comes back with the next read, or as a
 * webhook that is repeated for a day.
 */
export interface Print {
  /** Of the values. */
  readonly hash: string;
  /** All fields as the provider's mapping will give them. */
  readonly values: Fields;
  /** Names of the fields that were written. */
  readonly fields: readonly string[];
  /** The hash of what the write replaced. */
  readonly over: string;
  /** When the provider had answered. */
  readonly at: EpochMs;
  /** After it, the same values are a change of the provider's. */
  readonly until: EpochMs;
}

interface Printed {
  readonly hash: string;
  readonly fields: Fields;
  readonly isDeleted: boolean;
  readonly prints: readonly Print[];
}

/** Ended prints are kept for a day, so that an echo that comes too late is counted. */
const ENDED_PRINT_MS = 24 * 60 * 60 * 1000;

/** More writes than this between two reads are rare, and each print is as large as the record. */
const MOST_PRINTS = 10;

/** Prints whose echo may still come, oldest first. */
export const duePrints = (record: Printed | undefined, now: EpochMs): readonly Print[] =>
  record === undefined || record.isDeleted ? [] : record.prints.filter(({ until }) => until >= now);

/** What the provider has, as far as it is known: what was last written to it, else what it said last. */
export function believed(record: Printed, now: EpochMs): { readonly hash: string; readonly fields: Fields } {
  const last = duePrints(record, now).at(-1);
  return last === undefined ? record : { hash: last.hash, fields: last.values };
}

/** Echoes come in the order of the writes: with one, those before it are no longer waited for. */
export const afterEcho = (prints: readonly Print[], print: Print): readonly Print[] =>
  prints.slice(prints.findLastIndex(({ hash, at }) => hash === print.hash && at === print.at) + 1);

/** The provider has moved on: what equals an older write from now on is a change of its own. */
export const endedPrints = (prints: readonly Print[], at: EpochMs): readonly Print[] =>
  prints.map((print) => (print.until < at ? print : { ...print, until: (at - 1) as EpochMs }));

/** Without those that no longer count. */
export const keptPrints = (prints: readonly Print[], at: EpochMs): readonly Print[] =>
  prints.filter(({ until }) => until + ENDED_PRINT_MS > at).slice(-MOST_PRINTS);
