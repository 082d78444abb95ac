import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';

export interface AwsClients extends Disposable {
  readonly dynamoDb: DynamoDBClient;
  readonly eventBridge: EventBridgeClient;
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
}

/** The SDK as any caller of the run would use it. */
export function createAwsClients(endpoint: string, region: string): AwsClients {
  const config = { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const dynamoDb = new DynamoDBClient(config);
  const eventBridge = new EventBridgeClient(config);
  const lambda = new LambdaClient(config);
  const sqs = new SQSClient(config);
  return {
    dynamoDb,
    eventBridge,
    lambda,
    sqs,
    [Symbol.dispose]() {
      for (const client of [dynamoDb, eventBridge, lambda, sqs]) client.destroy();
    },
  };
}
