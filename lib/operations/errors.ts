import { WaybillError } from '../definitions/index.ts';

/** The environment variables of the deployed functions are missing or contradict each other. */
export class DeploymentUnclearError extends WaybillError {
  readonly code = 'DEPLOYMENT_UNCLEAR';
}

/** There is no consumer with that name. */
export class ConsumerUnknownError extends WaybillError {
  readonly code = 'CONSUMER_UNKNOWN';

  constructor(name: string, environmentName: string, known: readonly string[]) {
    super(`environment '${environmentName}' has no consumer '${name}': choose one of ${known.toSorted().join(', ')}`);
  }
}

/** The queue has another purpose. */
export class QueueMistakenError extends WaybillError {
  readonly code = 'QUEUE_MISTAKEN';

  constructor(url: string, what: string, consumer: string) {
    super(
      `${url} is ${what}, not an undeliverable queue of '${consumer}': its messages would be lost for their own consumer; pass a former undeliverable queue of '${consumer}', or omit --from`,
    );
  }
}

/** There is no projection with that name, or it has no rebuild function. */
export class ProjectionUnknownError extends WaybillError {
  readonly code = 'PROJECTION_UNKNOWN';

  constructor(name: string, environmentName: string, known: readonly string[]) {
    super(
      `environment '${environmentName}' has no projection '${name}': ${known.length === 0 ? 'it has none' : `choose one of ${known.toSorted().join(', ')}`}`,
    );
  }
}

/** There is no process manager with that name. */
export class SagaUnknownError extends WaybillError {
  readonly code = 'SAGA_UNKNOWN';

  constructor(name: string, environmentName: string, known: readonly string[]) {
    super(
      `environment '${environmentName}' has no process manager '${name}': ${known.length === 0 ? 'it has none' : `choose one of ${known.toSorted().join(', ')}`}`,
    );
  }
}

/** There is no sync with that name. */
export class SyncUnknownError extends WaybillError {
  readonly code = 'SYNC_UNKNOWN';

  constructor(name: string, environmentName: string, known: readonly string[]) {
    super(
      `environment '${environmentName}' has no sync '${name}': ${known.length === 0 ? 'it has none' : `choose one of ${known.toSorted().join(', ')}`}`,
    );
  }
}

/** The outbox log could not be read completely, because its table was throttled. Nothing was changed. */
export class ReadThrottledError extends WaybillError {
  readonly code = 'READ_THROTTLED';

  constructor(tableName: string, unread: number, reads: number) {
    super(
      `${unread} items of table ${tableName} were not read in ${reads} reads, because the table is throttled: try again`,
    );
  }
}

/** An invoked function failed. */
export class FunctionFailedError extends WaybillError {
  readonly code = 'FUNCTION_FAILED';
  /** The error type that the function returned; the error code for errors of Waybill. */
  readonly errorType: string;

  constructor(functionName: string, errorType: string, errorMessage: string) {
    super(`function ${functionName} failed with ${errorType}: ${errorMessage}`);
    this.errorType = errorType;
  }
}

/** DynamoDB did not return all requested events, for example because the table is throttled. */
export class LogUnreadError extends WaybillError {
  readonly code = 'LOG_UNREAD';

  constructor(tableName: string, unread: number, reads: number) {
    super(
      `${unread} events are missing from each of ${reads} answers: table '${tableName}' is throttled; try again later`,
    );
  }
}

/** It is not clear what invokes a function. Nothing was changed. */
export class PollingUnclearError extends WaybillError {
  readonly code = 'POLLING_UNCLEAR';

  /** @param needed such as `exactly one event source mapping for queue 'billing'` */
  constructor(functionName: string, needed: string, found: number) {
    super(
      `function '${functionName}' must have ${needed}, got ${found}: deploy the stack again, or wait until the deployment that is under way has ended`,
    );
  }
}

/** DynamoDB did not return all requested pending markers, for example because the table is throttled. */
export class MarkersUnreadError extends WaybillError {
  readonly code = 'MARKERS_UNREAD';

  constructor(tableName: string, unread: number, reads: number) {
    super(
      `${unread} pending markers are missing from each of ${reads} answers: table '${tableName}' is throttled; try again later`,
    );
  }
}

/** A replay is not right for a consumer. Nothing was changed. */
export class ReplayUnsuitableError extends WaybillError {
  readonly code = 'REPLAY_UNSUITABLE';

  constructor(consumer: string, reason: string) {
    super(`consumer '${consumer}' cannot be replayed: ${reason}`);
  }
}
