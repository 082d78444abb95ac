import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  type ConsumerPauseStore,
  type ConsumerPolling,
  createDynamoDbConsumerPauseStore,
  createLambdaPolling,
  createRuleSchedule,
  type Deployment,
  DeploymentUnclearError,
  type Publisher,
} from '../lib/operations/index.ts';
import type { OperatorClients } from './operated-consumer.ts';

/** What publishes the events of the outbox, with what pauses it. */
export interface OperatedPublisher {
  /** As the record of its pause has it: no consumer can have this name. */
  readonly name: string;
  readonly pause: { readonly store: ConsumerPauseStore; readonly polling: ConsumerPolling };
}

/** The clients that only publishers need are opened when they are needed. */
export interface PublisherClients extends OperatorClients {
  readonly events: () => EventBridgeClient;
}

/** @param functionArn of a function's name */
export function operatePublisher(
  publisher: Publisher,
  deployment: Deployment,
  { dynamoDb, lambda, events }: PublisherClients,
  functionArn: (functionName: string) => string,
): OperatedPublisher {
  const name = `(${publisher})`;
  const [{ inboxTableName: tableName = '' } = {}] = deployment.consumers;
  const store = createDynamoDbConsumerPauseStore({ client: dynamoDb, tableName, consumer: name });
  const functionName = deployment.publishers[publisher];
  // the store is for the status, too; only a change needs the function
  const polling = (): ConsumerPolling => {
    if (functionName === undefined) {
      throw new DeploymentUnclearError(
        `the ${publisher} of environment '${deployment.environmentName}' is not found: deploy the hub again with this version`,
      );
    }
    return publisher === 'relay'
      ? createLambdaPolling({ client: lambda, functionName, queueUrl: undefined })
      : createRuleSchedule({ client: events(), functionName, functionArn: functionArn(functionName) });
  };
  return {
    name,
    pause: {
      store,
      polling: {
        isEnabled: async () => polling().isEnabled(),
        setEnabled: async (enabled) => polling().setEnabled(enabled),
      },
    },
  };
}
