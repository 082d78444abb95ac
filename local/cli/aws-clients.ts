import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';

export interface AwsClients extends Disposable {
  readonly dynamoDb: DynamoDBClient;
  readonly lambda: LambdaClient;
}

/** The SDK as any caller of the run would use it. */
export function createAwsClients(endpoint: string, region: string): AwsClients {
  const config = { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const dynamoDb = new DynamoDBClient(config);
  const lambda = new LambdaClient(config);
  return {
    dynamoDb,
    lambda,
    [Symbol.dispose]() {
      dynamoDb.destroy();
      lambda.destroy();
    },
  };
}
