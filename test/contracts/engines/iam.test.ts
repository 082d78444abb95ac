import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needsOwnEngine } from './endpoint-under-test.ts';
import { BUS_ARN, type IamRig, openIamRig, QUEUE_ARN, TABLE_ARN } from './iam-rig.ts';

let rig: IamRig;

beforeEach(async () => {
  needsOwnEngine('DYNAMODB', 'it makes roles, for which there is no API in the run');
  rig = await openIamRig();
});

afterEach(() => rig?.[Symbol.asyncDispose]());

const allow = (Action: string | readonly string[], Resource: string | readonly string[], Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});

const put = (pk: string) => new PutItemCommand({ TableName: 'Orders', Item: { pk: { S: pk } } });

describe('an administrator', () => {
  it('may do everything that no policy of a resource denies', async () => {
    const { dynamoDb, sqs } = rig.administrator;
    const send = () => sqs.send(new SendMessageCommand({ QueueUrl: rig.queueUrl, MessageBody: 'hello' }));

    await expect(dynamoDb.send(put('a'))).resolves.toBeDefined();
    await expect(send()).resolves.toBeDefined();
    rig.queuePolicy({ ...allow('sqs:SendMessage', QUEUE_ARN), Effect: 'Deny', Principal: '*' });

    await expect(send()).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: arn:aws:iam::123456789012:user/local-run is not authorized to perform: sqs:sendmessage on resource: ${QUEUE_ARN} with an explicit deny in a resource-based policy`,
    });
  });
});

describe('a bus that denies PutEvents to all but one role', () => {
  const Entries = [{ Source: '/orders', DetailType: 'placed', Detail: '{}' }];
  const onlyTheRelay = {
    ...allow('events:PutEvents', BUS_ARN),
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Condition: {
      ArnNotEquals: { 'aws:PrincipalArn': ['arn:aws:iam::123456789012:role/relay'] },
      Bool: { 'aws:PrincipalIsAWSService': 'false' },
    },
  };

  it('accepts events of that role in any session', async () => {
    rig.busPolicy(onlyTheRelay);
    const { eventBridge } = rig.role('relay', allow('events:PutEvents', BUS_ARN));

    await expect(eventBridge.send(new PutEventsCommand({ Entries }))).resolves.toMatchObject({ FailedEntryCount: 0 });
  });

  it('refuses another role with a grant for PutEvents, and an administrator', async () => {
    rig.busPolicy(onlyTheRelay);
    const other = rig.role('other', allow('events:*', '*')).eventBridge;
    const denied = (user: string) => ({
      name: 'AccessDeniedException',
      message: `User: ${user} is not authorized to perform: events:PutEvents on resource: ${BUS_ARN} with an explicit deny in a resource-based policy`,
    });

    await expect(other.send(new PutEventsCommand({ Entries }))).rejects.toMatchObject(
      denied('arn:aws:sts::123456789012:assumed-role/other/tester'),
    );
    await expect(rig.administrator.eventBridge.send(new PutEventsCommand({ Entries }))).rejects.toMatchObject(
      denied('arn:aws:iam::123456789012:user/local-run'),
    );
  });
});

describe('DynamoDB for a role', () => {
  it("refuses what is not granted, with AWS's code and words", async () => {
    const { dynamoDb } = rig.role('reader', allow('dynamodb:GetItem', TABLE_ARN));

    await expect(dynamoDb.send(put('a'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 400 },
      message: `User: arn:aws:sts::123456789012:assumed-role/reader/tester is not authorized to perform: dynamodb:PutItem on resource: ${TABLE_ARN} because no identity-based policy allows the dynamodb:PutItem action`,
    });
    await expect(
      dynamoDb.send(new GetItemCommand({ TableName: 'Orders', Key: { pk: { S: 'a' } } })),
    ).resolves.not.toHaveProperty('Item');
  });

  it('refuses without revealing whether a table exists', async () => {
    const { dynamoDb } = rig.role('reader', allow('dynamodb:GetItem', TABLE_ARN));
    const get = (TableName: string) => dynamoDb.send(new GetItemCommand({ TableName, Key: { pk: { S: 'a' } } }));

    await expect(get('Missing')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('requires a grant for each action of a transaction, and writes nothing if one is missing', async () => {
    const { dynamoDb } = rig.role('writer', allow(['dynamodb:PutItem', 'dynamodb:TransactWriteItems'], TABLE_ARN));
    const Put = { TableName: 'Orders', Item: { pk: { S: 'a' } } };
    const other = { TableName: 'Orders', Key: { pk: { S: 'b' } } };
    const transact = (...TransactItems: TransactWriteItem[]) =>
      dynamoDb.send(new TransactWriteItemsCommand({ TransactItems }));

    await expect(transact({ Put }, { Delete: other })).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('not authorized to perform: dynamodb:DeleteItem'),
    });
    await expect(
      transact({ Put }, { ConditionCheck: { ...other, ConditionExpression: 'attribute_not_exists(pk)' } }),
    ).rejects.toThrow('not authorized to perform: dynamodb:ConditionCheckItem');
    await expect(transact({ Put }, { Update: { ...other, UpdateExpression: 'SET x = :x' } })).rejects.toThrow(
      'not authorized to perform: dynamodb:UpdateItem',
    );
    const { Count } = await rig.administrator.dynamoDb.send(new ScanCommand({ TableName: 'Orders' }));
    expect(Count).toBe(0);
    await expect(transact({ Put })).resolves.toBeDefined();
  });

  it('requires the batch actions for batches', async () => {
    const { dynamoDb } = rig.role('batches', allow('dynamodb:BatchWriteItem', TABLE_ARN));
    const write = new BatchWriteItemCommand({
      RequestItems: { Orders: [{ PutRequest: { Item: { pk: { S: 'a' } } } }] },
    });
    const read = new BatchGetItemCommand({ RequestItems: { Orders: { Keys: [{ pk: { S: 'a' } }] } } });

    await expect(dynamoDb.send(write)).resolves.toBeDefined();
    await expect(dynamoDb.send(read)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(dynamoDb.send(put('b'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('distinguishes a table from its indexes', async () => {
    const { dynamoDb } = rig.role('queries', allow('dynamodb:Query', `${TABLE_ARN}/index/byStatus`));
    const query = (IndexName: string | undefined, name: string) =>
      dynamoDb.send(
        new QueryCommand({
          TableName: 'Orders',
          IndexName,
          KeyConditionExpression: '#name = :value',
          ExpressionAttributeNames: { '#name': name },
          ExpressionAttributeValues: { ':value': { S: 'x' } },
        }),
      );

    await expect(query('byStatus', 'status')).resolves.toMatchObject({ Count: 0 });
    await expect(query(undefined, 'pk')).rejects.toThrow(`on resource: ${TABLE_ARN} because`);
  });

  it('limits a role to the items of its leading keys', async () => {
    const condition = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['billing#*'] } };
    const actions = ['PutItem', 'UpdateItem', 'Query', 'BatchWriteItem'].map((name) => `dynamodb:${name}`);
    const { dynamoDb } = rig.role('billing', allow(actions, TABLE_ARN, condition));
    const refusal = { name: 'AccessDeniedException' };
    const Put = (pk: string) => ({ Put: { TableName: 'Orders', Item: { pk: { S: pk } } } });
    const query = (pk: string) =>
      new QueryCommand({
        TableName: 'Orders',
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
      });

    await expect(dynamoDb.send(put('billing#1'))).resolves.toBeDefined();
    await expect(dynamoDb.send(put('orders#1'))).rejects.toMatchObject(refusal);
    await expect(
      dynamoDb.send(new UpdateItemCommand({ TableName: 'Orders', Key: { pk: { S: 'orders#1' } } })),
    ).rejects.toMatchObject(refusal);
    await expect(dynamoDb.send(query('billing#1'))).resolves.toMatchObject({ Count: 1 });
    await expect(dynamoDb.send(query('orders#1'))).rejects.toMatchObject(refusal);
    await expect(
      dynamoDb.send(new TransactWriteItemsCommand({ TransactItems: [Put('billing#2'), Put('orders#2')] })),
    ).rejects.toMatchObject(refusal);
    await expect(
      dynamoDb.send(
        new BatchWriteItemCommand({
          RequestItems: {
            Orders: ['billing#3', 'orders#3'].map((pk) => ({ DeleteRequest: { Key: { pk: { S: pk } } } })),
          },
        }),
      ),
    ).rejects.toMatchObject(refusal);
  });

  it('requires grants for streams separately from tables', async () => {
    const { streams } = rig.role(
      'relay',
      allow(['dynamodb:DescribeStream', 'dynamodb:GetShardIterator'], rig.streamArn),
    );
    const StreamArn = rig.streamArn;

    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
    const { ShardIterator } = await streams.send(
      new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    await expect(streams.send(new GetRecordsCommand({ ShardIterator }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`dynamodb:GetRecords on resource: ${StreamArn}`),
    });
  });
});

describe('SQS for a role', () => {
  const send = () => new SendMessageCommand({ QueueUrl: rig.queueUrl, MessageBody: 'hello' });

  it('refuses what is not granted, as AccessDenied with status 403', async () => {
    const { sqs } = rig.role('sender', allow('sqs:SendMessage', QUEUE_ARN));

    await expect(sqs.send(send())).resolves.toBeDefined();
    await expect(sqs.send(new ReceiveMessageCommand({ QueueUrl: rig.queueUrl }))).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
      message: `User: arn:aws:sts::123456789012:assumed-role/sender/tester is not authorized to perform: sqs:receivemessage on resource: ${QUEUE_ARN} because no identity-based policy allows the sqs:receivemessage action`,
    });
  });

  it('requires the action of the entries for batches', async () => {
    const batch = new SendMessageBatchCommand({
      QueueUrl: rig.queueUrl,
      Entries: [{ Id: '1', MessageBody: 'hello' }],
    });

    await expect(rig.role('sender', allow('sqs:SendMessage', QUEUE_ARN)).sqs.send(batch)).resolves.toMatchObject({
      Successful: [{ Id: '1' }],
    });
    await expect(rig.role('wrong', allow('sqs:SendMessageBatch', QUEUE_ARN)).sqs.send(batch)).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  it('allows a role that the policy of the queue names', async () => {
    const named = rig.role('named');
    const unnamed = rig.role('unnamed');
    rig.queuePolicy({
      ...allow('sqs:SendMessage', QUEUE_ARN),
      Principal: { AWS: 'arn:aws:iam::123456789012:role/named' },
    });

    await expect(named.sqs.send(send())).resolves.toBeDefined();
    await expect(unnamed.sqs.send(send())).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('is refused by a deny of the queue, and treats loopback as secure transport', async () => {
    const { sqs } = rig.role('sender', allow('sqs:*', QUEUE_ARN));
    const deny = { Effect: 'Deny', Principal: { AWS: '*' }, Resource: QUEUE_ARN };
    rig.queuePolicy(
      { ...deny, Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { ...deny, Action: 'sqs:DeleteMessage' },
    );

    await expect(
      sqs.send(new GetQueueAttributesCommand({ QueueUrl: rig.queueUrl, AttributeNames: ['All'] })),
    ).resolves.toBeDefined();
    await expect(
      sqs.send(new DeleteMessageCommand({ QueueUrl: rig.queueUrl, ReceiptHandle: 'x' })),
    ).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringMatching(/with an explicit deny in a resource-based policy$/),
    });
  });
});

describe('EventBridge for a role', () => {
  const event = { Source: '/orders', DetailType: 'placed', Detail: '{}' };

  it('refuses the whole call when one of its buses is not granted', async () => {
    const { eventBridge } = rig.role('publisher', allow('events:PutEvents', BUS_ARN));
    const Entries = [event, { ...event, EventBusName: 'other' }];

    await expect(eventBridge.send(new PutEventsCommand({ Entries: [event] }))).resolves.toMatchObject({
      FailedEntryCount: 0,
    });
    await expect(eventBridge.send(new PutEventsCommand({ Entries }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 400 },
      message: expect.stringContaining(
        'events:PutEvents on resource: arn:aws:events:eu-west-1:123456789012:event-bus/other',
      ),
    });
  });

  it('limits a role to its source and its detail types', async () => {
    const { eventBridge } = rig.role(
      'orders',
      allow('events:PutEvents', BUS_ARN, {
        StringEquals: { 'events:source': '/orders' },
        'ForAllValues:StringLike': { 'events:detail-type': 'order.*' },
      }),
    );
    const send = (Source: string, DetailType: string) =>
      eventBridge.send(new PutEventsCommand({ Entries: [{ ...event, Source, DetailType }] }));

    await expect(send('/orders', 'order.placed')).resolves.toMatchObject({ FailedEntryCount: 0 });
    await expect(send('/billing', 'order.placed')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(send('/orders', 'bill.paid')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('Lambda and S3 for a role', () => {
  it('refuse what is not granted, with status 403', async () => {
    const { lambda, s3 } = rig.role(
      'caller',
      allow('lambda:InvokeFunction', 'arn:aws:lambda:eu-west-1:123456789012:function:pay'),
      allow('s3:PutObject', 'arn:aws:s3:::payloads/in/*'),
    );
    await rig.administrator.s3.send(new CreateBucketCommand({ Bucket: 'payloads' }));
    const invoke = (FunctionName: string) => lambda.send(new InvokeCommand({ FunctionName }));
    const denied = { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } };

    await expect(invoke('pay')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(invoke('refund')).rejects.toMatchObject(denied);
    await expect(lambda.send(new ListFunctionsCommand({}))).rejects.toMatchObject(denied);
    await expect(s3.send(new PutObjectCommand({ Bucket: 'payloads', Key: 'in/1', Body: 'x' }))).resolves.toBeDefined();
    await expect(s3.send(new GetObjectCommand({ Bucket: 'payloads', Key: 'in/1' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(s3.send(new PutObjectCommand({ Bucket: 'payloads', Key: 'out/1', Body: 'x' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });
});
