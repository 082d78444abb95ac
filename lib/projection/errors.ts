import { WaybillError } from '../contracts/index.ts';
import { describeThrown } from '../shared/thrown.ts';

/** An event cannot be folded into the view: it cannot be read, or the projection's code fails at it. */
export class ProjectionStepError extends WaybillError {
  readonly code = 'PROJECTION_STEP_FAILED';
  override readonly disposition = 'permanent';
  readonly group: string;
  readonly sequence: number;

  constructor(projection: string, event: { group: string; sequence: number; type: string }, cause: unknown) {
    const { group, sequence, type } = event;
    const reason = describeThrown(cause).message;
    super(`projection '${projection}' cannot take event ${sequence} of group '${group}' ('${type}'): ${reason}`, {
      cause,
    });
    this.group = group;
    this.sequence = sequence;
  }
}

/** The code gives a view what it cannot take. */
export class ProjectionResultError extends WaybillError {
  readonly code = 'PROJECTION_RESULT_INVALID';
  override readonly disposition = 'permanent';
}

/** The group's events before this one go into the view that is being built first, and there are many: it comes again. */
export class ProjectionCatchingUpError extends WaybillError {
  readonly code = 'PROJECTION_CATCHING_UP';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 1;

  constructor(projection: string, group: string, generation: number) {
    super(
      `group '${group}' is still being brought into generation ${generation} of '${projection}': the event comes again`,
    );
  }
}

/**
 * The generation that serves is not in the view's table, or not in the index that is asked for: the view's key, its
 * indexes or its table were changed since it was made. A consumer's event waits until a rebuild is begun.
 */
export class ProjectionRebuildRequiredError extends WaybillError {
  readonly code = 'PROJECTION_REBUILD_REQUIRED';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 60;

  constructor(projection: string, generation: number, change: string) {
    super(
      `the view of '${projection}' is not complete: ${change} since its generation ${generation} was made; rebuild it: npm run waybill -- rebuild ${projection}`,
    );
  }
}

/** Others changed the same items of the view at every attempt. What was folded in before stands. */
export class ProjectionContentionError extends WaybillError {
  readonly code = 'PROJECTION_CONTENTION';

  constructor(projection: string, group: string, cause: unknown) {
    super(
      `group '${group}' cannot be brought into the view of '${projection}': others changed the same items at every attempt; where many groups change one item, let it be a counter`,
      { cause },
    );
  }
}

/** Newer code has the view: an execution of older code leaves the event to it. */
export class ProjectionOutdatedError extends WaybillError {
  readonly code = 'PROJECTION_OUTDATED';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 10;

  constructor(projection: string, version: number, view: { generation: number; version: number }) {
    super(
      `the code of projection '${projection}' has version ${version}, generation ${view.generation} of the view version ${view.version}: older code does not write to it; deploy version ${view.version} or later`,
    );
  }
}

/** The view was rebuilt between two pages. */
export class ViewPageError extends WaybillError {
  readonly code = 'PROJECTION_PAGE_GONE';
}

/** A view is asked for what it does not have. */
export class ViewQueryError extends WaybillError {
  readonly code = 'PROJECTION_QUERY_INVALID';
}

/** A rebuild cannot begin, or cannot go on, as things stand. */
export class RebuildRefusedError extends WaybillError {
  readonly code: 'REBUILD_BEYOND_HORIZON' | 'REBUILD_OUTDATED' | 'REBUILD_BUSY' | 'REBUILD_NONE';

  constructor(code: RebuildRefusedError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
