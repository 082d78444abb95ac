import type { ServiceCall } from './intercept.ts';

/** By target prefix. */
const SERVICES: Readonly<Record<string, string>> = {
  DynamoDB_20120810: 'dynamodb',
  DynamoDBStreams_20120810: 'dynamodb',
  AmazonSQS: 'sqs',
  AWSEvents: 'events',
  AmazonSSM: 'ssm',
  secretsmanager: 'secretsmanager',
};

/** The operation as IAM calls it: `dynamodb:PutItem`, `lambda:Invoke`. */
export function operationName({ service, operation }: Pick<ServiceCall, 'service' | 'operation'>): string {
  if (service === 'lambda' && /^POST .*\/invocations$/.test(operation)) return 'lambda:Invoke';
  return `${SERVICES[service] ?? service}:${operation}`;
}
