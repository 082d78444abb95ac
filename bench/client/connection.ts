import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';

/** Where a client finds the engines. */
export interface Connection {
  readonly endpointUrl: string;
  readonly region: string;
}

export interface Clients {
  readonly dynamoDb: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly eventBridge: EventBridgeClient;
}

/** A producer is to outlast the throttling that a fault plan makes. */
const MAX_ATTEMPTS = 10;

/** The SDK as anybody configures it who looks in. */
export function clientsOf({ endpointUrl, region }: Connection): Clients {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const options = { endpoint: endpointUrl, region, credentials, maxAttempts: MAX_ATTEMPTS };
  return {
    dynamoDb: new DynamoDBClient(options),
    sqs: new SQSClient(options),
    eventBridge: new EventBridgeClient(options),
  };
}
