import { WaybillError } from '../definitions/index.ts';

/** Another execution changed what this one had read. Nothing was written; it is decided again. */
export class SyncRaceError extends WaybillError {
  readonly code = 'SYNC_RACE_LOST';
  override readonly disposition = 'lost-race';

  constructor(what: string) {
    super(`another execution changed ${what} first; nothing was written`);
  }
}

/** Another execution works on the subscription. The event waits for it. */
export class SyncBusyError extends WaybillError {
  readonly code = 'SYNC_BUSY';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds: number;

  constructor(subscription: string, retryAfterSeconds: number) {
    super(
      `another execution works on '${subscription}', or ended without a word and holds it for ${retryAfterSeconds} s more: the run waits`,
    );
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Another execution took over the subscription, because this one held it for too long. Nothing was written. */
export class SyncFencedError extends WaybillError {
  readonly code = 'SYNC_FENCED';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 5;

  constructor(subscription: string) {
    super(`another execution took over '${subscription}': this one has written nothing more`);
  }
}

/** The source failed. The run waits and tries again; the cursor is where the last page ended. */
export class SyncSourceWaitError extends WaybillError {
  readonly code = 'SYNC_SOURCE_WAIT';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds: number;

  constructor(label: string, retryAfterSeconds: number, options: ErrorOptions) {
    super(`${label} failed; the run tries again in ${retryAfterSeconds} s`, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The source ended its pages without the last one. */
export class SyncTruncatedError extends WaybillError {
  readonly code = 'SYNC_PAGES_TRUNCATED';

  constructor(label: string) {
    super(
      `the pages of ${label} ended without one that says 'last: true': the rest may be missing; nothing after the last page counts as read`,
    );
  }
}

/** The source breaks its contract, so that reading on would lose records. The run ends and the cursor stays. */
export class SyncSourceError extends WaybillError {
  readonly code:
    | 'SYNC_STUCK'
    | 'SYNC_CURSOR_OFFSET'
    | 'SYNC_CURSOR_MISSING'
    | 'SYNC_UNSORTED'
    | 'SYNC_CURSOR_UNREADABLE';
  override readonly disposition = 'permanent';

  constructor(code: SyncSourceError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** So many records cannot be read that the cause is not the records. The run ends and the cursor stays. */
export class SyncSystemicError extends WaybillError {
  readonly code = 'SYNC_SYSTEMIC';
  override readonly disposition = 'permanent';

  constructor(label: string, found: string, reason: string) {
    super(
      `${label}: ${found}, so the fault is not in the records, and none of the page is parked; the first reason: ${reason}`,
    );
  }
}

/** A sync is put together wrongly. Thrown when it is created. */
export class SyncWiringError extends WaybillError {
  readonly code = 'SYNC_WIRING';
  readonly problems: readonly string[];

  constructor(sync: string, problems: readonly string[]) {
    super(`sync '${sync}' is not valid: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/** A command names something that does not exist, or that is not in a state for it. Nothing was changed. */
export class SyncCommandError extends WaybillError {
  readonly code = 'SYNC_COMMAND_REFUSED';
  override readonly disposition = 'permanent';
}

/** The provider's record changes faster than ours is written, or cannot be read. The event waits. */
export class SyncConflictError extends WaybillError {
  readonly code = 'SYNC_CONFLICT';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 60;

  constructor(subscription: string, rounds: number) {
    super(
      `the record at '${subscription}' was changed there, ${rounds} time(s) while ours was written: the change is decided when a run has brought theirs`,
    );
  }
}

/** Two entities here have one match key: only one of them can be the provider's record. */
export class SyncMatchTakenError extends WaybillError {
  readonly code = 'SYNC_MATCH_TAKEN';
  override readonly disposition = 'permanent';

  constructor(entity: string, localId: string) {
    super(
      `${entity} '${localId}' is not written: another ${entity} has its match key; correct one of them, then redrive`,
    );
  }
}

/** An item of the sync table is malformed: no release writes such an item. */
export class SyncItemError extends WaybillError {
  readonly code = 'SYNC_ITEM_UNREADABLE';

  constructor(problem: string, options?: ErrorOptions) {
    super(`an item of the sync table cannot be read: ${problem}`, options);
  }
}

/** Another execution refreshes the provider's token, and the old one has ended. */
export class SyncTokenBusyError extends WaybillError {
  readonly code = 'SYNC_TOKEN_BUSY';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 5;

  constructor(provider: string) {
    super(`another execution refreshes the token of '${provider}': the event waits for it`);
  }
}

/** A provider has no tokens yet. */
export class SyncTokensMissingError extends WaybillError {
  readonly code = 'SYNC_TOKENS_MISSING';
  override readonly disposition = 'permanent';

  constructor(provider: string) {
    super(`'${provider}' has no tokens of this tenant: store the first ones with 'store', after the tenant has agreed`);
  }
}
