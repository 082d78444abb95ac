import { WaybillError } from '../contracts/index.ts';

/** The deployed functions do not say, or do not agree, where things are. */
export class DeploymentUnclearError extends WaybillError {
  readonly code = 'DEPLOYMENT_UNCLEAR';
}

/** There is no consumer of that name. */
export class ConsumerUnknownError extends WaybillError {
  readonly code = 'CONSUMER_UNKNOWN';

  constructor(name: string, environmentName: string, known: readonly string[]) {
    super(`environment '${environmentName}' has no consumer '${name}': choose from ${known.toSorted().join(', ')}`);
  }
}

/** A queue was given for a purpose that it does not have. */
export class QueueMistakenError extends WaybillError {
  readonly code = 'QUEUE_MISTAKEN';

  constructor(url: string, what: string, consumer: string) {
    super(
      `${url} is ${what}, and not an undeliverable queue of '${consumer}': what would be sent to '${consumer}' from there would be deleted where it belongs; name an undeliverable queue that '${consumer}' had before, or none`,
    );
  }
}

/** There is no projection of that name, or nothing that rebuilds it. */
export class ProjectionUnknownError extends WaybillError {
  readonly code = 'PROJECTION_UNKNOWN';

  constructor(name: string, environmentName: string, known: readonly string[]) {
    super(
      `environment '${environmentName}' has no projection '${name}': ${known.length === 0 ? 'it has none' : `choose from ${known.toSorted().join(', ')}`}`,
    );
  }
}

/** There is no process manager of that name. */
export class SagaUnknownError extends WaybillError {
  readonly code = 'SAGA_UNKNOWN';

  constructor(name: string, environmentName: string, known: readonly string[]) {
    super(
      `environment '${environmentName}' has no process manager '${name}': ${known.length === 0 ? 'it has none' : `choose from ${known.toSorted().join(', ')}`}`,
    );
  }
}

/** A function that was called failed. */
export class FunctionFailedError extends WaybillError {
  readonly code = 'FUNCTION_FAILED';
  /** What the function calls its error: the code, where it is one of Waybill's. */
  readonly errorType: string;

  constructor(functionName: string, errorType: string, errorMessage: string) {
    super(`${errorType} from ${functionName}: ${errorMessage}`);
    this.errorType = errorType;
  }
}
