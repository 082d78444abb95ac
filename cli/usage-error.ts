import { WaybillError } from '../lib/definitions/index.ts';

/** The command line asks for something that there is not. */
export class UsageError extends WaybillError {
  readonly code = 'OPS_USAGE';
}
