import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';

export interface AwsClients extends Disposable {
  readonly dynamoDb: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
}

/** The SDK as any caller of the run would use it. */
export function createAwsClients(endpoint: string, region: string): AwsClients {
  const config = { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const dynamoDb = new DynamoDBClient(config);
  const lambda = new LambdaClient(config);
  const sqs = new SQSClient(config);
  return {
    dynamoDb,
    lambda,
    sqs,
    [Symbol.dispose]() {
      for (const client of [dynamoDb, lambda, sqs]) client.destroy();
    },
  };
}
