import { WaybillError } from '../../lib/definitions/index.ts';

/** Whoever started the run asked for something that it does not have; the message fits on one line. */
export class UsageError extends WaybillError {
  readonly code = 'LOCAL_USAGE';
}
