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

/** The SDK as anybody configures it who looks in. */
export function clientsOf({ endpointUrl, region }: Connection): Clients {
  const options = { endpoint: endpointUrl, region, credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } };
  return {
    dynamoDb: new DynamoDBClient(options),
    sqs: new SQSClient(options),
    eventBridge: new EventBridgeClient(options),
  };
}
