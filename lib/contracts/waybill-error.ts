const brand = Symbol.for('waybill.error');

/**
 * Base of every error that Waybill throws. Decide by `code`, never by the message or the class: bundles may hold
 * more than one copy of a class.
 */
export abstract class WaybillError extends Error {
  /** Stable identity, e.g. `OUTBOX_CONDITION_FAILED`. */
  abstract readonly code: string;
  /** Whether the same call can succeed later without anybody changing anything. */
  abstract readonly retryable: boolean;
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
