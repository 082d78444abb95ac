import { WaybillError } from '../../lib/definitions/waybill-error.ts';

/** The code of functions could not be bundled; nothing was changed. */
export class BundlingError extends WaybillError {
  readonly code = 'LOCAL_BUNDLING_FAILED';
}
