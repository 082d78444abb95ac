import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { ConsumerOptions, StrictOrdering, SubscriptionHandlers } from '../../lib/consumer/index.ts';
import type { Subscription } from '../../lib/definitions/index.ts';
import type { RelayDeps } from '../../lib/outbox/relay/relay.ts';
import type { Ingredients } from './any-schedule.ts';
import type { Process } from './consumer-in.ts';
import type { DynamoDbRequest } from './services/dynamodb-requests.ts';

/** A known fault, put between the code under test and its ports, to see whether the search finds it. */
export interface Planted extends Ingredients {
  readonly consumer?: (options: ConsumerOptions, process: Process) => ConsumerOptions;
  readonly ordering?: (ordering: StrictOrdering, process: Process) => StrictOrdering;
  /** Put in place of what the consumer serves. */
  readonly served?: (served: SubscriptionHandlers) => SubscriptionHandlers;
  /** What the consumer answers in place of its own answer. */
  readonly response?: (response: SQSBatchResponse, event: SQSEvent, subscription: Subscription) => SQSBatchResponse;
  /** Whether it shows only where a deployment changes what a consumer takes, or another source has a like type. @default false */
  readonly amongDeployments?: boolean;
  readonly relay?: (deps: RelayDeps) => RelayDeps;
  /** What is sent to DynamoDB in place of a request. */
  readonly request?: (request: DynamoDbRequest) => DynamoDbRequest;
}
