declare const unit: unique symbol;

/** Milliseconds since the Unix epoch: what `Date.now()` returns. */
export type EpochMs = number & { readonly [unit]: 'epoch-ms' };

/** Whole seconds since the Unix epoch: the only form that DynamoDB's TTL understands. */
export type EpochSeconds = number & { readonly [unit]: 'epoch-s' };

/** The time of the code that holds it; injected, so that tests own it. */
export interface Clock {
  now(): EpochMs;
}

export const systemClock: Clock = { now: () => Date.now() as EpochMs };

/** Rounds up, so that a record never expires early. */
export const toEpochSeconds = (instant: EpochMs): EpochSeconds => Math.ceil(instant / 1000) as EpochSeconds;

export const addMs = (instant: EpochMs, ms: number): EpochMs => (instant + ms) as EpochMs;

/** RFC 3339 in UTC, with milliseconds: the form of CloudEvents' `time`. */
export const toTimestamp = (instant: EpochMs): string => new Date(instant).toISOString();
