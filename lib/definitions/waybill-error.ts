const brand = Symbol.for('waybill.error');

/**
 * What a consumer does with an event whose handler threw the error:
 *
 * - `retry`: retried with backoff until its receives are used up
 * - `permanent`: sent to the dead-letter queue without backoff, because a retry would fail again
 * - `defer`: retried without limit, never a dead letter; after `retryAfterSeconds` of the error, if it is set
 * - `lost-race`: the handler runs again immediately, because another writer was first
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
   * @default 'retry', the safer choice: a useless retry only costs time, but a wrong `permanent` makes a dead letter of
   * an event that a retry would have processed
   */
  readonly disposition: Disposition = 'retry';
  readonly [brand] = true;

  override get name(): string {
    return this.code;
  }
}

/** Whether a thrown value is an error of Waybill. Never throws, even for a proxy that throws at every access. */
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

/** Whether a thrown value is an error of Waybill with this code, from any bundle. Never throws. */
export function hasCode(error: unknown, code: string): error is WaybillError {
  try {
    return isWaybillError(error) && error.code === code;
  } catch {
    return false;
  }
}

/** A definition is not valid, or violates a limit of an AWS service. */
export class ContractError extends WaybillError {
  readonly code = 'CONTRACT_INVALID';
  readonly problems: readonly string[];

  constructor(subject: string, problems: readonly string[]) {
    super(`${subject} is not valid: ${problems.join('; ')}`);
    this.problems = problems;
  }
}
