import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createMovableClock } from '../../../local/clock.ts';
import { createDynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import { createEventBridge } from '../../../local/eventbridge/eventbridge.ts';
import { createGuards } from '../../../local/iam/engine-guards.ts';
import { createPermissions } from '../../../local/iam/permissions.ts';
import { createLambda } from '../../../local/lambda/lambda.ts';
import { createRoleCredentials } from '../../../local/role-credentials.ts';
import { createS3 } from '../../../local/s3/s3.ts';
import { createSqs } from '../../../local/sqs/sqs.ts';
import type { DeployedResource, ResourceDetail } from '../../../local/template/deployment.ts';

interface Clients {
  readonly dynamoDb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  readonly sqs: SQSClient;
  readonly eventBridge: EventBridgeClient;
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
}

/** All engines behind IAM: a table `Orders`, a queue `Billing`, and roles as tests need them. */
export interface IamRig extends AsyncDisposable {
  /** Signs with keys that no role has. */
  readonly administrator: Clients;
  /** Clients that sign for a role with these statements, in a session called `tester`. */
  role(roleName: string, ...statements: readonly object[]): Clients;
  /** As `role`, of a role with tags. */
  taggedRole(
    roleName: string,
    tags: Readonly<Record<string, string>> | undefined,
    ...statements: readonly object[]
  ): Clients;
  /** Gives the queue a policy. */
  queuePolicy(...statements: readonly object[]): void;
  /** Gives the default bus a policy. */
  busPolicy(...statements: readonly object[]): void;
  readonly queueUrl: string;
  readonly streamArn: string;
}

const REGION = 'eu-west-1';
const ACCOUNT = '123456789012';

export const TABLE_ARN = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/Orders`;
export const QUEUE_ARN = `arn:aws:sqs:${REGION}:${ACCOUNT}:Billing`;
export const BUS_ARN = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`;

export async function openIamRig(): Promise<IamRig> {
  const log = () => {};
  const clock = createMovableClock();
  const place = { region: REGION, accountId: ACCOUNT };
  const roles = createRoleCredentials();
  const permissions = createPermissions({ ...place, log });
  const guards = createGuards(permissions, place);
  const endpoint = await openEndpoint({ log, callerOf: roles.callerOf });
  let ids = 0;
  const newId = () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;
  const options = { ...place, clock, log, newId, endpointUrl: () => endpoint.url };

  const dynamoDb = createDynamoDb(options);
  const sqs = createSqs(options);
  const eventBridge = createEventBridge({
    ...options,
    random: () => 0.5,
    targets: {},
    sendToDeadLetterQueue: async () => {},
  });
  const lambda = createLambda(
    { ...options, credentialsOf: roles.credentialsOf, random: () => 0.5, compileEventPattern: () => () => true },
    { sqs: sqs.service, dynamoDbStreams: dynamoDb.streams, onStreamRecords: dynamoDb.onStreamRecords },
  );
  endpoint.add(
    guards.dynamoDb(dynamoDb),
    guards.streams(dynamoDb.streams),
    guards.sqs(sqs.service),
    guards.eventBridge(eventBridge.service),
    guards.lambda(lambda.service),
    guards.s3(createS3(options).service),
  );

  const opened: { destroy(): void }[] = [];
  const clientsWith = (credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }): Clients => {
    const common = { endpoint: endpoint.url, region: REGION, credentials, maxAttempts: 1 };
    const clients: Clients = {
      dynamoDb: new DynamoDBClient(common),
      streams: new DynamoDBStreamsClient(common),
      sqs: new SQSClient(common),
      eventBridge: new EventBridgeClient(common),
      lambda: new LambdaClient(common),
      s3: new S3Client({ ...common, forcePathStyle: true }),
    };
    opened.push(...Object.values(clients));
    return clients;
  };
  const learn = (type: string, name: string, arn: string | undefined, detail: ResourceDetail) => {
    const resource: DeployedResource = {
      stackName: 'Test',
      logicalId: name,
      type,
      physicalId: name,
      arn,
      constructPath: `Test/${name}/Resource`,
    };
    permissions.learn(resource, detail);
  };

  const roleWith = (roleName: string, tags: Readonly<Record<string, string>>, statements: readonly object[]) => {
    const arn = `arn:aws:iam::${ACCOUNT}:role/${roleName}`;
    learn('AWS::IAM::Role', roleName, arn, {
      kind: 'role',
      roleName,
      trustPolicy: {},
      managedPolicyArns: [],
      inlinePolicies: [{ name: 'Grants', document: { Statement: statements } }],
      tags,
    });
    return clientsWith(roles.credentialsOf(arn, 'tester'));
  };

  const administrator = clientsWith({ accessKeyId: 'AKIAADMINISTRATOR', secretAccessKey: 'secret' });
  const { TableDescription } = await administrator.dynamoDb.send(
    new CreateTableCommand({
      TableName: 'Orders',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'status', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byStatus',
          KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  );
  const { QueueUrl = '' } = await administrator.sqs.send(new CreateQueueCommand({ QueueName: 'Billing' }));

  return {
    administrator,
    queueUrl: QueueUrl,
    streamArn: TableDescription?.LatestStreamArn ?? '',
    role: (roleName, ...statements) => roleWith(roleName, {}, statements),
    taggedRole: (roleName, tags = {}, ...statements) => roleWith(roleName, tags, statements),
    queuePolicy(...statements) {
      learn('AWS::SQS::QueuePolicy', 'QueuePolicy', undefined, {
        kind: 'resource-policy',
        resources: [QueueUrl],
        document: { Statement: statements },
      });
    },
    busPolicy(...statements) {
      learn('AWS::Events::EventBusPolicy', 'BusPolicy', undefined, {
        kind: 'resource-policy',
        resources: [BUS_ARN],
        document: { Statement: statements },
      });
    },
    async [Symbol.asyncDispose]() {
      for (const client of opened) client.destroy();
      await lambda.close(0);
      eventBridge.close();
      sqs.close();
      await dynamoDb.close();
      await endpoint.close();
    },
  };
}
