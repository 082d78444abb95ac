import { WaybillError } from '../contracts/index.ts';

/** Another execution moved the group's cursor first. Nothing was written. */
export class CursorMovedError extends WaybillError {
  readonly code = 'CURSOR_MOVED';
  readonly retryable = true;

  constructor(consumer: string, group: string) {
    super(`another execution of '${consumer}' was first in group '${group}'; nothing was written`);
  }
}
