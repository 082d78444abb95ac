import { WaybillError } from '../../lib/definitions/waybill-error.ts';

/** The project cannot be written. */
export class InitRefusedError extends WaybillError {
  readonly code = 'INIT_REFUSED';
}
