import { WaybillError } from '../definitions/index.ts';
import { describeViolations, type SchemaViolation } from '../shared/schema-issues.ts';
import { thrownText } from '../shared/thrown.ts';

/** Another execution changed the instance at the same time, at every attempt. Nothing was written. */
export class SagaRaceLostError extends WaybillError {
  readonly code = 'SAGA_RACE_LOST';
  override readonly disposition = 'lost-race';

  constructor(saga: string, sagaId: string, revision: number) {
    super(
      `saga '${saga}' of '${sagaId}' was no longer at revision ${revision} at commit; nothing was written and the event will be retried: if this happens often, put the events of one saga into one group`,
    );
  }
}

/** The code does not know the version of a running instance. Nothing was written. */
export class SagaVersionUnknownError extends WaybillError {
  readonly code = 'SAGA_VERSION_UNKNOWN';
  readonly sagaId: string;
  readonly version: number;

  constructor(saga: string, sagaId: string, version: number, known: readonly number[]) {
    super(
      `saga '${saga}' of '${sagaId}' has version ${version}, but this code has only ${known.join(', ')}: deploy code that also has version ${version} or a migration from it, then redrive the dead letters; nothing was written`,
    );
    this.sagaId = sagaId;
    this.version = version;
  }
}

/** An event does not contain the id of its saga. */
export class SagaIdError extends WaybillError {
  readonly code = 'SAGA_ID_INVALID';
  override readonly disposition = 'permanent';

  constructor(saga: string, eventType: string, member: string, value: unknown, maxBytes: number) {
    const got = typeof value === 'string' ? `${Buffer.byteLength(value)} bytes` : String(JSON.stringify(value));
    super(
      `'${eventType}' must have the id of its saga '${saga}' in '${member}', a string of 1 to ${maxBytes} bytes, got ${got}: make the event's schema require it`,
    );
  }
}

/** An event refers to a saga that does not exist, and the declaration has `unknownSagas: 'fail'`. */
export class SagaUnknownError extends WaybillError {
  readonly code = 'SAGA_UNKNOWN';

  constructor(saga: string, sagaId: string, eventType: string) {
    super(
      `'${eventType}' is for saga '${saga}' of '${sagaId}', which does not exist: it was never started, or was deleted after its retention; skip the event, or set unknownSagas to 'ignore'`,
    );
  }
}

/** The data of an instance does not match the schema of its version. Nothing was written. */
export class SagaDataError extends WaybillError {
  readonly code = 'SAGA_DATA_INVALID';
  override readonly disposition = 'permanent';
  readonly violations: readonly SchemaViolation[];

  constructor(saga: string, sagaId: string, version: number, violations: readonly SchemaViolation[]) {
    super(
      `the data of saga '${saga}' of '${sagaId}' does not match the schema of version ${version}: ${describeViolations(violations)}; nothing was written: fix the function that returned it, or raise the version and migrate`,
    );
    this.violations = violations;
  }
}

/** A migration returned a state that the new version cannot continue. Nothing was written. */
export class SagaMigrationError extends WaybillError {
  readonly code = 'SAGA_MIGRATION_INVALID';
  override readonly disposition = 'permanent';

  constructor(saga: string, sagaId: string, from: number, to: number, problems: readonly string[]) {
    super(
      `saga '${saga}' of '${sagaId}' cannot be migrated from version ${from} to ${to}: ${problems.join('; ')}; nothing was written: fix the migration, then redrive the dead letters`,
    );
  }
}

/** An item in the saga table is not valid. */
export class SagaItemError extends WaybillError {
  readonly code = 'SAGA_ITEM_MALFORMED';

  constructor(item: string, problem: string) {
    super(`item '${item}' of the saga table is not valid: ${problem}`);
  }
}

/** The status, limit or page token of a list is not valid. */
export class SagaListError extends WaybillError {
  readonly code = 'SAGA_LIST_INVALID';
}

/** A message on the timer queue is not a saga timer. */
export class SagaTimerMessageError extends WaybillError {
  readonly code = 'SAGA_TIMER_MALFORMED';

  constructor(body: string) {
    // only its length: the message may contain personal data
    super(`a message of ${body.length} characters is not a saga timer: check what sent it to the timer queue`);
  }
}

/** Delay before an event is retried when the Scheduler is not available. */
const TIMERS_RETRY_SECONDS = 15;

/**
 * The Scheduler throttles or is not reachable. Nothing was written. The event is deferred and does not become a dead
 * letter.
 */
export class SagaTimersUnavailableError extends WaybillError {
  readonly code = 'SAGA_TIMERS_UNAVAILABLE';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = TIMERS_RETRY_SECONDS;

  constructor(cause: unknown) {
    super(
      `cannot start a timer: ${thrownText(cause)}; nothing was written and the event will be retried: if the Scheduler throttles, request a higher quota for CreateSchedule`,
      { cause },
    );
  }
}
