import { hasCode, isWaybillError } from '../contracts/index.ts';
import { memberOf } from '../shared/thrown.ts';

/** What is not for a consumer's event to be given up for, but does not change while one part of the log is folded in. */
const LASTING_CODES = ['LOG_HOLE', 'OUTBOX_REQUEST_REFUSED', 'OUTBOX_WRITE_REFUSED', 'TENANT_ITEM_FOREIGN'];

/** Whether the same event and the same code meet the error again, however often they are tried. */
export const isLasting = (error: unknown): boolean =>
  isWaybillError(error)
    ? error.disposition === 'permanent' || LASTING_CODES.some((code) => hasCode(error, code))
    : memberOf(error, 'name') === 'ValidationException';
