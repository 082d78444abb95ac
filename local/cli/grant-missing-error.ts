import { WaybillError } from '../../lib/contracts/index.ts';

/** A function or rule asked for what the templates do not grant it; the message names both. */
export class GrantMissingError extends WaybillError {
  readonly code = 'LOCAL_GRANT_MISSING';
  readonly retryable = false;
}
