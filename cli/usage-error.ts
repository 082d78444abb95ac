import { WaybillError } from '../lib/definitions/index.ts';

/** The command line is invalid. */
export class UsageError extends WaybillError {
  readonly code = 'OPS_USAGE';
}
