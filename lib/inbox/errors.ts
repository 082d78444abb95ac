import { WaybillError } from '../contracts/index.ts';
import type { EventIdentity } from './ports.ts';

/** Another execution is handling the event, or died while it did and its time is not up yet. */
export class InboxBusyError extends WaybillError {
  readonly code = 'INBOX_BUSY';
  readonly retryable = true;

  constructor({ source, id }: EventIdentity, options?: ErrorOptions) {
    super(`event '${id}' of '${source}' is being handled by another execution: it is tried again later`, options);
  }
}
