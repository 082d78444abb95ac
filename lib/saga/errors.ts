import { WaybillError } from '../contracts/index.ts';
import { describeViolations, type SchemaViolation } from '../shared/schema-issues.ts';
import { thrownText } from '../shared/thrown.ts';

/** Another execution changed the instance first, again and again. Nothing was written. */
export class SagaRaceLostError extends WaybillError {
  readonly code = 'SAGA_RACE_LOST';
  override readonly disposition = 'lost-race';

  constructor(saga: string, sagaId: string, revision: number) {
    super(
      `saga '${saga}' of '${sagaId}' was no longer at revision ${revision} when this event's work was committed; nothing was written, the event is tried again: if it happens often, put the events of one saga into one group`,
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
      `saga '${saga}' of '${sagaId}' is of version ${version}, this code knows ${known.join(', ')}: deploy code that has version ${version} beside them or a migration from it, then redrive the dead letters; until then nothing of it is touched`,
    );
    this.sagaId = sagaId;
    this.version = version;
  }
}

/** An event does not name its instance. */
export class SagaIdError extends WaybillError {
  readonly code = 'SAGA_ID_INVALID';
  override readonly disposition = 'permanent';

  constructor(saga: string, eventType: string, member: string, value: unknown, maxBytes: number) {
    const got = typeof value === 'string' ? `${Buffer.byteLength(value)} bytes` : String(JSON.stringify(value));
    super(
      `'${eventType}' must name its saga '${saga}' by '${member}', a text of 1 to ${maxBytes} bytes, got ${got}: mend the schema of the event, so that it refuses others`,
    );
  }
}

/** An event names a saga that does not exist, and the declaration says `unknownSagas: 'fail'`. */
export class SagaUnknownError extends WaybillError {
  readonly code = 'SAGA_UNKNOWN';

  constructor(saga: string, sagaId: string, eventType: string) {
    super(
      `'${eventType}' is for saga '${saga}' of '${sagaId}', which does not exist: it never began, or is gone after its retention; skip the event, or set unknownSagas to 'ignore'`,
    );
  }
}

/** The data of an instance do not satisfy its version's schema. Nothing was written. */
export class SagaDataError extends WaybillError {
  readonly code = 'SAGA_DATA_INVALID';
  override readonly disposition = 'permanent';
  readonly violations: readonly SchemaViolation[];

  constructor(saga: string, sagaId: string, version: number, violations: readonly SchemaViolation[]) {
    super(
      `the data of saga '${saga}' of '${sagaId}' do not satisfy the schema of version ${version}: ${describeViolations(violations)}; nothing was written: mend the function that made them, or raise the version and migrate`,
    );
    this.violations = violations;
  }
}

/** A migration gave something that its version cannot go on with. Nothing was written. */
export class SagaMigrationError extends WaybillError {
  readonly code = 'SAGA_MIGRATION_INVALID';
  override readonly disposition = 'permanent';

  constructor(saga: string, sagaId: string, from: number, to: number, problems: readonly string[]) {
    super(
      `saga '${saga}' of '${sagaId}' cannot be migrated from version ${from} to ${to}: ${problems.join('; ')}; nothing was written: mend the migration, then redrive the dead letters`,
    );
  }
}

/** The table holds something that is no part of a saga. */
export class SagaItemError extends WaybillError {
  readonly code = 'SAGA_ITEM_MALFORMED';

  constructor(item: string, problem: string) {
    super(`item '${item}' of the sagas' table is not what this code writes: ${problem}`);
  }
}

/** A list of instances is asked for by what is no status, no limit or no page of it. */
export class SagaListError extends WaybillError {
  readonly code = 'SAGA_LIST_INVALID';
}

/** A message is no timer of a saga. */
export class SagaTimerMessageError extends WaybillError {
  readonly code = 'SAGA_TIMER_MALFORMED';

  constructor(body: string) {
    // its length only: whoever sent it may have sent personal data
    super(`a message of ${body.length} characters is no timer of a saga: check what sent it to the timers' queue`);
  }
}

/** How long an event waits for the Scheduler before it is tried again. */
const TIMERS_RETRY_SECONDS = 15;

/** The Scheduler throttles or cannot be reached. Nothing was written; the event waits, and is no dead letter for that. */
export class SagaTimersUnavailableError extends WaybillError {
  readonly code = 'SAGA_TIMERS_UNAVAILABLE';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = TIMERS_RETRY_SECONDS;

  constructor(cause: unknown) {
    super(
      `a timer could not be started: ${thrownText(cause)}; nothing was written, the event is tried again: if the Scheduler throttles, ask for a higher rate of CreateSchedule`,
      { cause },
    );
  }
}
