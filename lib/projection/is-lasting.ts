import { isWaybillError } from '../contracts/index.ts';
import { memberOf } from '../shared/thrown.ts';

/** Whether the same event and the same code meet the error again, however often they are tried. */
export const isLasting = (error: unknown): boolean =>
  isWaybillError(error)
    ? !error.retryable && error.code !== 'OUTBOX_CONDITION_FAILED'
    : memberOf(error, 'name') === 'ValidationException';
