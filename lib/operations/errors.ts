import { WaybillError } from '../contracts/index.ts';

/** The deployed functions do not say, or do not agree, where things are. */
export class DeploymentUnclearError extends WaybillError {
  readonly code = 'DEPLOYMENT_UNCLEAR';
  readonly retryable = false;
}

/** There is no consumer of that name. */
export class ConsumerUnknownError extends WaybillError {
  readonly code = 'CONSUMER_UNKNOWN';
  readonly retryable = false;

  constructor(name: string, environmentName: string, known: readonly string[]) {
    super(`environment '${environmentName}' has no consumer '${name}': choose from ${known.toSorted().join(', ')}`);
  }
}
