import {
  DeleteItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createRoleCredentials } from '../../../../../local/role-credentials.ts';
import type { LocalRun } from '../../../../../local/run.ts';
import { madeAt } from './made-at.ts';

/** What the attempts of a function come to that may do nothing of the kind. */
export const ALL_REFUSED = {
  writeAnothersTable: 'AccessDeniedException',
  writeAnothersInbox: 'AccessDeniedException',
  scanTheOutbox: 'AccessDeniedException',
  deleteFromTheOutbox: 'AccessDeniedException',
  deleteATable: 'AccessDeniedException',
  receiveAnothersMessages: 'AccessDenied',
  sendToAnothersQueue: 'AccessDenied',
  invokeAFunction: 'AccessDeniedException',
  publish: 'AccessDeniedException',
  readTheFailedRecords: 'AccessDenied',
} as const;

type Attempt = keyof typeof ALL_REFUSED;

/**
 * Signs with the credentials of a function, and tries what it has no business with.
 * @param other a consumer whose things it tries
 * @returns the name of the error that each attempt ended with, or `allowed`
 */
export async function tryAs(
  { endpointUrl, region, deployment }: LocalRun,
  functionPath: string,
  other: string,
): Promise<Readonly<Record<Attempt, string>>> {
  const { functions, tables, queues, buses, resources } = deployment;
  const { functionName, roleArn } = madeAt(functions, functionPath);
  // keys are derived, so that these are those that the function signs with
  const credentials = createRoleCredentials().credentialsOf(roleArn, functionName);
  const options = { endpoint: endpointUrl, region, credentials, maxAttempts: 1 };
  const dynamoDb = new DynamoDBClient(options);
  const sqs = new SQSClient(options);
  const lambda = new LambdaClient(options);
  const eventBridge = new EventBridgeClient(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });

  const { tableName } = madeAt(tables, `${other}Table`);
  const outbox = madeAt(tables, 'Hub/Outbox').tableName;
  const inbox = madeAt(tables, 'Hub/Inbox').tableName;
  const { url } = madeAt(queues, `${other}/Queue`);
  const bucketName = madeAt(resources, 'FailedRecords').physicalId;
  const entry = { EventBusName: buses[0]?.busName, Source: '/shop', DetailType: 'com.example.x', Detail: '{}' };
  const key = { partitionkey: { S: 'order#order-1' }, sequence: { N: '1' } };

  const attempts: Record<Attempt, () => Promise<unknown>> = {
    writeAnothersTable: () =>
      dynamoDb.send(new PutItemCommand({ TableName: tableName, Item: { orderId: { S: 'o' } } })),
    writeAnothersInbox: () =>
      dynamoDb.send(new PutItemCommand({ TableName: inbox, Item: { id: { S: `${other.toLowerCase()}#stolen` } } })),
    scanTheOutbox: () => dynamoDb.send(new ScanCommand({ TableName: outbox })),
    deleteFromTheOutbox: () => dynamoDb.send(new DeleteItemCommand({ TableName: outbox, Key: key })),
    deleteATable: () => dynamoDb.send(new DeleteTableCommand({ TableName: tableName })),
    receiveAnothersMessages: () => sqs.send(new ReceiveMessageCommand({ QueueUrl: url })),
    sendToAnothersQueue: () =>
      sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'forged', MessageGroupId: 'g' })),
    invokeAFunction: () =>
      lambda.send(new InvokeCommand({ FunctionName: madeAt(functions, 'PlaceOrder').functionName })),
    publish: () => eventBridge.send(new PutEventsCommand({ Entries: [entry] })),
    readTheFailedRecords: () => s3.send(new GetObjectCommand({ Bucket: bucketName, Key: 'aws/lambda/x' })),
  };
  try {
    const results = await Promise.all(
      Object.entries(attempts).map(async ([name, attempt]) => [name, await outcomeOf(attempt)] as const),
    );
    return Object.fromEntries(results) as Record<Attempt, string>;
  } finally {
    for (const client of [dynamoDb, sqs, lambda, eventBridge, s3]) client.destroy();
  }
}

const outcomeOf = (attempt: () => Promise<unknown>): Promise<string> =>
  attempt().then(
    () => 'allowed',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
