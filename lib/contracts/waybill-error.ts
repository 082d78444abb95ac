const brand = Symbol.for('waybill.error');

/**
 * What a consumer does with an event whose handler threw the error:
 *
 * - `retry`: it comes again with growing backoff, until its receives are used up;
 * - `permanent`: it goes to the dead-letter queue without backoff, since the outcome follows from the event and the code;
 * - `defer`: it waits, as often as it has to, and never becomes a dead letter for it. `retryAfterSeconds` of the error
 *   says how long, where that is known;
 * - `lost-race`: its handler runs again at once and reads anew, since another writer was first.
 */
export type Disposition = 'retry' | 'permanent' | 'defer' | 'lost-race';

/**
 * Base of every error that Waybill throws. Decide by `code`, never by the message or the class: bundles may hold
 * more than one copy of a class.
 */
export abstract class WaybillError extends Error {
  /** Stable identity, e.g. `OUTBOX_CONDITION_FAILED`. */
  abstract readonly code: string;
  /**
   * @default 'retry': a retry that cannot help costs time and ends in the dead-letter queue all the same, while a wrong
   * `permanent` makes a dead letter of an event that the next retry would have handled
   */
  readonly disposition: Disposition = 'retry';
  readonly [brand] = true;

  override get name(): string {
    return this.code;
  }
}

/** Never throws, whatever was thrown: a proxy may throw at every access. */
export function isWaybillError(error: unknown): error is WaybillError {
  try {
    return (
      typeof error === 'object' &&
      error !== null &&
      (error as { [brand]?: unknown })[brand] === true &&
      typeof (error as { code?: unknown }).code === 'string'
    );
  } catch {
    return false;
  }
}

/** Whether it is an error of Waybill with this code, from whichever bundle. Never throws. */
export function hasCode(error: unknown, code: string): error is WaybillError {
  try {
    return isWaybillError(error) && error.code === code;
  } catch {
    return false;
  }
}
