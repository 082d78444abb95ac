import { WaybillError } from '../contracts/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { EventIdentity } from './ports.ts';

/** Another execution is handling the event, or died while it did and its time is not up yet. */
export class InboxBusyError extends WaybillError {
  readonly code = 'INBOX_BUSY';
  /** When the other execution's time is up at the latest. */
  readonly until: EpochMs;

  constructor({ source, id }: EventIdentity, until: EpochMs, options?: ErrorOptions) {
    super(`event '${id}' of '${source}' is being handled by another execution: it is tried again later`, options);
    this.until = until;
  }
}

/** The execution's time was up and another one claimed the event, or handled it. Nothing was written. */
export class InboxClaimLostError extends WaybillError {
  readonly code = 'INBOX_CLAIM_LOST';

  constructor({ source, id }: EventIdentity) {
    super(`event '${id}' of '${source}' was claimed by another execution meanwhile; nothing was written`);
  }
}
