import { hasCode, isWaybillError, WaybillError } from '../definitions/index.ts';
import { describeThrown, memberOf } from '../shared/thrown.ts';

/** An event cannot be projected: the event is not valid, or the projection's code throws. */
export class ProjectionStepError extends WaybillError {
  readonly code = 'PROJECTION_STEP_FAILED';
  override readonly disposition = 'permanent';
  readonly group: string;
  readonly sequence: number;

  constructor(projection: string, event: { group: string; sequence: number; type: string }, cause: unknown) {
    const { group, sequence, type } = event;
    const reason = describeThrown(cause).message;
    super(`projection '${projection}' failed at event ${sequence} of group '${group}' ('${type}'): ${reason}`, {
      cause,
    });
    this.group = group;
    this.sequence = sequence;
  }
}

/** The projection's code returned a result that cannot be stored in the view. */
export class ProjectionResultError extends WaybillError {
  readonly code = 'PROJECTION_RESULT_INVALID';
  override readonly disposition = 'permanent';
}

/**
 * The generation that is being built does not have all earlier events of the group yet. The event is deferred.
 */
export class ProjectionCatchingUpError extends WaybillError {
  readonly code = 'PROJECTION_CATCHING_UP';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 1;

  constructor(projection: string, group: string, generation: number) {
    super(
      `group '${group}' is still being replayed into generation ${generation} of '${projection}': the event will be retried`,
    );
  }
}

/**
 * The serving generation cannot answer, because the view's key, its table or the queried index changed since the
 * generation was built. Events are deferred until a rebuild starts.
 */
export class ProjectionRebuildRequiredError extends WaybillError {
  readonly code = 'PROJECTION_REBUILD_REQUIRED';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 60;

  constructor(projection: string, generation: number, change: string) {
    super(
      `the view of '${projection}' is not complete: ${change} since generation ${generation} was built; rebuild it: npx waybill rebuild ${projection}`,
    );
  }
}

/** Other writers changed the same items of the view at every attempt. Events that were committed before are kept. */
export class ProjectionContentionError extends WaybillError {
  readonly code = 'PROJECTION_CONTENTION';

  constructor(projection: string, group: string, cause: unknown) {
    super(
      `group '${group}' cannot be written to the view of '${projection}': other writers changed the same items at every attempt; if many groups change one item, use defineCounters`,
      { cause },
    );
  }
}

/** Newer code has built the view. Older code defers the event to it. */
export class ProjectionOutdatedError extends WaybillError {
  readonly code = 'PROJECTION_OUTDATED';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 10;

  constructor(projection: string, version: number, view: { generation: number; version: number }) {
    super(
      `projection '${projection}' has version ${version}, but generation ${view.generation} of its view was built by version ${view.version}: older code does not write to it; deploy version ${view.version} or later`,
    );
  }
}

/** The view was rebuilt between two pages. */
export class ViewPageError extends WaybillError {
  readonly code = 'PROJECTION_PAGE_GONE';
}

/** The query is not valid for the view. */
export class ViewQueryError extends WaybillError {
  readonly code = 'PROJECTION_QUERY_INVALID';
}

/** A rebuild cannot start or continue. */
export class RebuildRefusedError extends WaybillError {
  readonly code: 'REBUILD_BEYOND_HORIZON' | 'REBUILD_OUTDATED' | 'REBUILD_BUSY' | 'REBUILD_NONE';

  constructor(code: RebuildRefusedError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Errors that a consumer retries, but that do not go away while one part of the log is projected. */
const LASTING_CODES = ['LOG_HOLE', 'OUTBOX_REQUEST_REFUSED', 'OUTBOX_WRITE_REFUSED', 'TENANT_ITEM_FOREIGN'];

/** Whether retrying the same event with the same code fails with the same error. */
export const isLasting = (error: unknown): boolean =>
  isWaybillError(error)
    ? error.disposition === 'permanent' || LASTING_CODES.some((code) => hasCode(error, code))
    : memberOf(error, 'name') === 'ValidationException';
