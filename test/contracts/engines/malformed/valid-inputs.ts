import type { RestTemplate, ValidInput } from './mutate.ts';

const ACCOUNT = '111122223333';
const QUEUE_ARN = `arn:aws:sqs:eu-central-1:${ACCOUNT}:q`;
const PATTERN =
  '{"source":["a",{"prefix":"b"}],"detail":{"n":[{"numeric":[">",1,"<",9]}],"t":[{"anything-but":["x"]}]}}';

const KEY = { pk: { S: 'a' }, sk: { N: '1' } };
const CONDITION = {
  ConditionExpression: 'attribute_exists(#p) AND (#n BETWEEN :v AND :v OR contains(#n, :v))',
  ExpressionAttributeNames: { '#p': 'pk', '#n': 'n' },
  ExpressionAttributeValues: { ':v': { N: '1' } },
};
const put = {
  TableName: 'tab',
  Item: { ...KEY, n: { N: '1' }, l: { L: [{ S: 'x' }, { NULL: true }] }, m: { M: { b: { B: 'AA==' } } } },
};
const update = {
  TableName: 'tab',
  Key: KEY,
  UpdateExpression: 'SET #n = if_not_exists(#n, :v) + :v, l = list_append(l, :l) REMOVE m.b ADD s :s',
  ExpressionAttributeNames: { '#n': 'n' },
  ExpressionAttributeValues: { ':v': { N: '1' }, ':l': { L: [{ S: 'x' }] }, ':s': { SS: ['a'] } },
};
const attributes = [
  { AttributeName: 'pk', AttributeType: 'S' },
  { AttributeName: 'sk', AttributeType: 'N' },
];
const keySchema = [
  { AttributeName: 'pk', KeyType: 'HASH' },
  { AttributeName: 'sk', KeyType: 'RANGE' },
];

export const createTable = (TableName: string) => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: attributes,
  KeySchema: keySchema,
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
});

export const DYNAMODB: readonly ValidInput[] = [
  {
    operation: 'CreateTable',
    input: {
      ...createTable('other'),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'i',
          KeySchema: [{ AttributeName: 'sk', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    },
  },
  { operation: 'DescribeTable', input: { TableName: 'tab' } },
  {
    operation: 'UpdateTable',
    input: { TableName: 'other', BillingMode: 'PAY_PER_REQUEST', StreamSpecification: { StreamEnabled: false } },
  },
  { operation: 'DeleteTable', input: { TableName: 'other' } },
  { operation: 'ListTables', input: { Limit: 10, ExclusiveStartTableName: 'a' } },
  {
    operation: 'UpdateTimeToLive',
    input: { TableName: 'other', TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' } },
  },
  { operation: 'DescribeTimeToLive', input: { TableName: 'tab' } },
  { operation: 'PutItem', input: { ...put, ReturnValues: 'ALL_OLD', ReturnConsumedCapacity: 'TOTAL' } },
  { operation: 'PutItem', input: { ...put, ...CONDITION } },
  {
    operation: 'GetItem',
    input: { TableName: 'tab', Key: KEY, ProjectionExpression: 'pk, m.b, l[0]', ConsistentRead: true },
  },
  { operation: 'UpdateItem', input: { ...update, ReturnValues: 'ALL_NEW' } },
  {
    operation: 'UpdateItem',
    input: { TableName: 'tab', Key: KEY, AttributeUpdates: { n: { Action: 'ADD', Value: { N: '1' } } } },
  },
  { operation: 'DeleteItem', input: { TableName: 'tab', Key: KEY, ...CONDITION } },
  {
    operation: 'DeleteItem',
    input: {
      TableName: 'tab',
      Key: KEY,
      Expected: { n: { ComparisonOperator: 'EQ', AttributeValueList: [{ N: '1' }] } },
    },
  },
  {
    operation: 'Query',
    input: {
      TableName: 'tab',
      KeyConditionExpression: 'pk = :p AND sk > :s',
      FilterExpression: 'size(n) > :s',
      ExpressionAttributeValues: { ':p': { S: 'a' }, ':s': { N: '0' } },
      ExclusiveStartKey: KEY,
      Limit: 5,
      ScanIndexForward: false,
    },
  },
  {
    operation: 'Query',
    input: { TableName: 'tab', KeyConditions: { pk: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'a' }] } } },
  },
  { operation: 'Scan', input: { TableName: 'tab', Segment: 0, TotalSegments: 2, Select: 'COUNT', Limit: 5 } },
  { operation: 'BatchGetItem', input: { RequestItems: { tab: { Keys: [KEY], ProjectionExpression: 'pk' } } } },
  {
    operation: 'BatchWriteItem',
    input: {
      RequestItems: {
        tab: [{ PutRequest: { Item: put.Item } }, { DeleteRequest: { Key: { ...KEY, sk: { N: '2' } } } }],
      },
    },
  },
  {
    operation: 'TransactWriteItems',
    input: {
      ClientRequestToken: 'token',
      TransactItems: [
        { Put: put },
        { Update: { ...update, Key: { ...KEY, sk: { N: '3' } } } },
        { ConditionCheck: { TableName: 'tab', Key: { ...KEY, sk: { N: '4' } }, ...CONDITION } },
      ],
    },
  },
  { operation: 'TransactGetItems', input: { TransactItems: [{ Get: { TableName: 'tab', Key: KEY } }] } },
];

export const streams = (StreamArn: string, ShardId: string, ShardIterator: string): readonly ValidInput[] => [
  { operation: 'ListStreams', input: { TableName: 'tab', Limit: 10, ExclusiveStartStreamArn: StreamArn } },
  { operation: 'DescribeStream', input: { StreamArn, Limit: 10, ExclusiveStartShardId: ShardId } },
  { operation: 'GetShardIterator', input: { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } },
  {
    operation: 'GetShardIterator',
    input: { StreamArn, ShardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: '100' },
  },
  { operation: 'GetRecords', input: { ShardIterator, Limit: 10 } },
];

const QueueUrl = `http://127.0.0.1/${ACCOUNT}/q`;
const FifoUrl = `http://127.0.0.1/${ACCOUNT}/q.fifo`;
const message = {
  MessageBody: 'x',
  MessageAttributes: { a: { DataType: 'String', StringValue: 'v' }, b: { DataType: 'Binary', BinaryValue: 'AA==' } },
  MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } },
};
const redrive = JSON.stringify({ deadLetterTargetArn: QUEUE_ARN, maxReceiveCount: 3 });

export const sqs = (ReceiptHandle: string): readonly ValidInput[] => [
  {
    operation: 'CreateQueue',
    input: { QueueName: 'other', Attributes: { VisibilityTimeout: '30', RedrivePolicy: redrive }, tags: { a: 'b' } },
  },
  {
    operation: 'CreateQueue',
    input: { QueueName: 'other.fifo', Attributes: { FifoQueue: 'true', FifoThroughputLimit: 'perQueue' } },
  },
  { operation: 'GetQueueUrl', input: { QueueName: 'q' } },
  { operation: 'ListQueues', input: { QueueNamePrefix: 'q', MaxResults: 10, NextToken: 'MA==' } },
  { operation: 'GetQueueAttributes', input: { QueueUrl, AttributeNames: ['All'] } },
  {
    operation: 'SetQueueAttributes',
    input: {
      QueueUrl,
      Attributes: {
        DelaySeconds: '0',
        Policy: '{"Statement":[]}',
        RedriveAllowPolicy: '{"redrivePermission":"allowAll"}',
      },
    },
  },
  { operation: 'DeleteQueue', input: { QueueUrl: `http://127.0.0.1/${ACCOUNT}/other` } },
  { operation: 'PurgeQueue', input: { QueueUrl } },
  { operation: 'TagQueue', input: { QueueUrl, Tags: { a: 'b' } } },
  { operation: 'UntagQueue', input: { QueueUrl, TagKeys: ['a'] } },
  { operation: 'ListQueueTags', input: { QueueUrl } },
  { operation: 'AddPermission', input: { QueueUrl, Label: 'l', AWSAccountIds: [ACCOUNT], Actions: ['SendMessage'] } },
  { operation: 'RemovePermission', input: { QueueUrl, Label: 'l' } },
  { operation: 'ListDeadLetterSourceQueues', input: { QueueUrl, MaxResults: 5 } },
  { operation: 'SendMessage', input: { QueueUrl, ...message, DelaySeconds: 0 } },
  {
    operation: 'SendMessage',
    input: { QueueUrl: FifoUrl, ...message, MessageGroupId: 'g', MessageDeduplicationId: 'd' },
  },
  {
    operation: 'SendMessageBatch',
    input: {
      QueueUrl,
      Entries: [
        { Id: 'a', ...message },
        { Id: 'b', MessageBody: 'y' },
      ],
    },
  },
  {
    operation: 'SendMessageBatch',
    input: { QueueUrl: FifoUrl, Entries: [{ Id: 'a', ...message, MessageGroupId: 'g' }] },
  },
  {
    operation: 'ReceiveMessage',
    input: {
      QueueUrl,
      MaxNumberOfMessages: 1,
      VisibilityTimeout: 0,
      AttributeNames: ['All'],
      MessageAttributeNames: ['.*'],
    },
  },
  { operation: 'ReceiveMessage', input: { QueueUrl: FifoUrl, ReceiveRequestAttemptId: 'a', VisibilityTimeout: 0 } },
  { operation: 'DeleteMessage', input: { QueueUrl, ReceiptHandle } },
  { operation: 'DeleteMessageBatch', input: { QueueUrl, Entries: [{ Id: 'a', ReceiptHandle }] } },
  { operation: 'ChangeMessageVisibility', input: { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 } },
  {
    operation: 'ChangeMessageVisibilityBatch',
    input: { QueueUrl, Entries: [{ Id: 'a', ReceiptHandle, VisibilityTimeout: 0 }] },
  },
  {
    operation: 'StartMessageMoveTask',
    input: { SourceArn: QUEUE_ARN, DestinationArn: QUEUE_ARN, MaxNumberOfMessagesPerSecond: 1 },
  },
  { operation: 'ListMessageMoveTasks', input: { SourceArn: QUEUE_ARN, MaxResults: 1 } },
  { operation: 'CancelMessageMoveTask', input: { TaskHandle: 'x' } },
];

/** The same in the query protocol, as parameters. */
type Parameters = (readonly [string, string])[];

export const sqsQuery = (handle: string): Parameters[] => {
  const actions: readonly (readonly [action: string, ...parameters: Parameters])[] = [
    [
      'CreateQueue',
      ['QueueName', 'other'],
      ['Attribute.1.Name', 'VisibilityTimeout'],
      ['Attribute.1.Value', '30'],
      ['Tag.1.Key', 'a'],
      ['Tag.1.Value', 'b'],
    ],
    ['GetQueueAttributes', ['QueueUrl', QueueUrl], ['AttributeName.1', 'All'], ['AttributeName.2', 'QueueArn']],
    [
      'SetQueueAttributes',
      ['QueueUrl', QueueUrl],
      ['Attribute.Name', 'DelaySeconds'],
      ['Attribute.Value', '1'],
      ['Attribute.1.Name', 'Policy'],
      ['Attribute.1.Value', '{}'],
    ],
    ['ListQueues', ['QueueNamePrefix', 'q'], ['MaxResults', '1']],
    [
      'SendMessage',
      ['QueueUrl', QueueUrl],
      ['MessageBody', 'x'],
      ['MessageAttribute.1.Name', 'a'],
      ['MessageAttribute.1.Value.DataType', 'String'],
      ['MessageAttribute.1.Value.StringValue', 'v'],
    ],
    [
      'SendMessageBatch',
      ['QueueUrl', FifoUrl],
      ['SendMessageBatchRequestEntry.1.Id', 'a'],
      ['SendMessageBatchRequestEntry.1.MessageBody', 'x'],
      ['SendMessageBatchRequestEntry.1.MessageGroupId', 'g'],
    ],
    [
      'ReceiveMessage',
      ['QueueUrl', QueueUrl],
      ['MaxNumberOfMessages', '1'],
      ['VisibilityTimeout', '0'],
      ['AttributeName.1', 'All'],
    ],
    [
      'DeleteMessageBatch',
      ['QueueUrl', QueueUrl],
      ['DeleteMessageBatchRequestEntry.1.Id', 'a'],
      ['DeleteMessageBatchRequestEntry.1.ReceiptHandle', handle],
    ],
    ['ChangeMessageVisibility', ['QueueUrl', QueueUrl], ['ReceiptHandle', handle], ['VisibilityTimeout', '0']],
    ['TagQueue', ['QueueUrl', QueueUrl], ['Tag.1.Key', 'a'], ['Tag.1.Value', 'b']],
    ['ListMessageMoveTasks', ['SourceArn', QUEUE_ARN]],
  ];
  return actions.map(([action, ...parameters]) => [['Action', action], ...parameters]);
};

const target = {
  Id: 'one',
  Arn: QUEUE_ARN,
  InputTransformer: { InputPathsMap: { a: '$.detail.a' }, InputTemplate: '{"a": <a>, "t": "<a>"}' },
  RetryPolicy: { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 },
  DeadLetterConfig: { Arn: QUEUE_ARN },
};
const busArn = `arn:aws:events:eu-central-1:${ACCOUNT}:event-bus/bus`;

export const EVENTBRIDGE: readonly ValidInput[] = [
  { operation: 'CreateEventBus', input: { Name: 'other', Description: 'd', Tags: [{ Key: 'a', Value: 'b' }] } },
  { operation: 'DescribeEventBus', input: { Name: 'bus' } },
  { operation: 'ListEventBuses', input: { NamePrefix: 'b', Limit: 5, NextToken: 'from-0' } },
  { operation: 'DeleteEventBus', input: { Name: 'other' } },
  {
    operation: 'PutRule',
    input: {
      Name: 'r',
      EventBusName: 'bus',
      EventPattern: PATTERN,
      State: 'ENABLED',
      Tags: [{ Key: 'a', Value: 'b' }],
    },
  },
  { operation: 'PutRule', input: { Name: 'every', ScheduleExpression: 'rate(5 minutes)' } },
  { operation: 'PutRule', input: { Name: 'daily', ScheduleExpression: 'cron(0 12 ? * MON-FRI *)' } },
  { operation: 'DescribeRule', input: { Name: 'r', EventBusName: 'bus' } },
  { operation: 'ListRules', input: { EventBusName: 'bus', NamePrefix: 'r', Limit: 5 } },
  { operation: 'ListRuleNamesByTarget', input: { TargetArn: QUEUE_ARN, EventBusName: 'bus', Limit: 5 } },
  { operation: 'EnableRule', input: { Name: 'r', EventBusName: 'bus' } },
  { operation: 'DisableRule', input: { Name: 'r', EventBusName: 'bus' } },
  { operation: 'PutTargets', input: { Rule: 'r', EventBusName: 'bus', Targets: [target] } },
  {
    operation: 'PutTargets',
    input: {
      Rule: 'r',
      EventBusName: 'bus',
      Targets: [
        { Id: 'f', Arn: `${QUEUE_ARN}.fifo`, InputPath: '$.detail', SqsParameters: { MessageGroupId: '$.detail.g' } },
      ],
    },
  },
  { operation: 'ListTargetsByRule', input: { Rule: 'r', EventBusName: 'bus', Limit: 5 } },
  { operation: 'RemoveTargets', input: { Rule: 'r', EventBusName: 'bus', Ids: ['one'] } },
  { operation: 'DeleteRule', input: { Name: 'other', EventBusName: 'bus' } },
  {
    operation: 'PutEvents',
    input: {
      Entries: [
        {
          Source: 'a',
          DetailType: 't',
          Detail: '{"a":{"b":1}}',
          EventBusName: 'bus',
          Time: 1_767_225_600,
          Resources: ['r'],
        },
        { Source: 'a', DetailType: 't', Detail: '{}' },
      ],
    },
  },
  {
    operation: 'TestEventPattern',
    input: {
      EventPattern: PATTERN,
      Event:
        '{"id":"1","account":"1","source":"a","time":"2026-01-01T00:00:00Z","region":"r","resources":[],"detail-type":"t","detail":{"n":2}}',
    },
  },
  {
    operation: 'CreateArchive',
    input: { ArchiveName: 'a', EventSourceArn: busArn, EventPattern: PATTERN, RetentionDays: 1 },
  },
  { operation: 'DescribeArchive', input: { ArchiveName: 'a' } },
  { operation: 'ListArchives', input: { NamePrefix: 'a', State: 'ENABLED', Limit: 5 } },
  { operation: 'UpdateArchive', input: { ArchiveName: 'a', RetentionDays: 2, EventPattern: PATTERN } },
  { operation: 'DeleteArchive', input: { ArchiveName: 'other' } },
  {
    operation: 'StartReplay',
    input: {
      ReplayName: 'p',
      EventSourceArn: `arn:aws:events:eu-central-1:${ACCOUNT}:archive/a`,
      EventStartTime: 1,
      EventEndTime: 2,
      Destination: { Arn: busArn, FilterArns: [] },
    },
  },
  { operation: 'DescribeReplay', input: { ReplayName: 'p' } },
  { operation: 'ListReplays', input: { NamePrefix: 'p', Limit: 5 } },
  { operation: 'TagResource', input: { ResourceARN: busArn, Tags: [{ Key: 'a', Value: 'b' }] } },
  { operation: 'UntagResource', input: { ResourceARN: busArn, TagKeys: ['a'] } },
  { operation: 'ListTagsForResource', input: { ResourceARN: busArn } },
];

const schedule = {
  ScheduleExpression: 'cron(0 12 ? * MON-FRI *)',
  ScheduleExpressionTimezone: 'Europe/Berlin',
  FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 },
  StartDate: 1_900_000_000,
  Target: {
    Arn: QUEUE_ARN,
    RoleArn: `arn:aws:iam::${ACCOUNT}:role/r`,
    Input: '{}',
    RetryPolicy: { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 },
    DeadLetterConfig: { Arn: QUEUE_ARN },
  },
};
const groupArn = encodeURIComponent(`arn:aws:scheduler:eu-central-1:${ACCOUNT}:schedule-group/g`);

export const SCHEDULER: readonly RestTemplate[] = [
  { method: 'POST', segments: ['schedules', 's'], body: schedule },
  {
    method: 'POST',
    segments: ['schedules', 'once'],
    body: { ...schedule, ScheduleExpression: 'at(2099-01-01T00:00:00)' },
  },
  { method: 'PUT', segments: ['schedules', 's'], body: schedule },
  { method: 'GET', segments: ['schedules', 's'], query: 'groupName=default' },
  { method: 'GET', segments: ['schedules'], query: 'MaxResults=5&NamePrefix=s&State=ENABLED' },
  { method: 'DELETE', segments: ['schedules', 'other'] },
  { method: 'POST', segments: ['schedule-groups', 'g'], body: { Tags: [{ Key: 'a', Value: 'b' }] } },
  { method: 'GET', segments: ['schedule-groups', 'g'] },
  { method: 'GET', segments: ['schedule-groups'], query: 'MaxResults=1' },
  { method: 'DELETE', segments: ['schedule-groups', 'other'] },
  { method: 'POST', segments: ['tags', groupArn], body: { Tags: [{ Key: 'a', Value: 'b' }] } },
  { method: 'GET', segments: ['tags', groupArn] },
  { method: 'DELETE', segments: ['tags', groupArn], query: 'TagKeys=a' },
];

const parameterTag = { ResourceType: 'Parameter', ResourceId: '/a/b' };

export const SSM: readonly ValidInput[] = [
  {
    operation: 'PutParameter',
    input: { Name: '/a/b', Value: 'x', Type: 'String', Overwrite: true, AllowedPattern: '^[a-z]+$', Tier: 'Standard' },
  },
  {
    operation: 'PutParameter',
    input: { Name: '/a/c', Value: 'x', Type: 'SecureString', Description: 'd', Tags: [{ Key: 'a', Value: 'b' }] },
  },
  { operation: 'GetParameter', input: { Name: '/a/b:1', WithDecryption: true } },
  { operation: 'GetParameters', input: { Names: ['/a/b', '/none'], WithDecryption: false } },
  {
    operation: 'GetParametersByPath',
    input: {
      Path: '/a',
      Recursive: true,
      MaxResults: 5,
      NextToken: 'from-0',
      ParameterFilters: [{ Key: 'Type', Option: 'Equals', Values: ['String'] }],
    },
  },
  { operation: 'GetParameterHistory', input: { Name: '/a/b', MaxResults: 5, NextToken: 'from-0' } },
  {
    operation: 'DescribeParameters',
    input: {
      ParameterFilters: [
        { Key: 'Path', Option: 'Recursive', Values: ['/a'] },
        { Key: 'tag:a', Values: ['b'] },
      ],
      MaxResults: 5,
    },
  },
  { operation: 'DeleteParameter', input: { Name: '/a/other' } },
  { operation: 'DeleteParameters', input: { Names: ['/a/other'] } },
  { operation: 'AddTagsToResource', input: { ...parameterTag, Tags: [{ Key: 'a', Value: 'b' }] } },
  { operation: 'RemoveTagsFromResource', input: { ...parameterTag, TagKeys: ['a'] } },
  { operation: 'ListTagsForResource', input: parameterTag },
];

export const LAMBDA = (uuid: string): readonly RestTemplate[] => {
  const root = '2015-03-31';
  return [
    { method: 'POST', segments: [root, 'functions', 'f', 'invocations'], body: { a: 1 } },
    {
      method: 'POST',
      segments: [root, 'functions', 'f', 'invocations'],
      headers: { 'x-amz-invocation-type': 'DryRun' },
      body: { a: 1 },
    },
    { method: 'GET', segments: [root, 'functions'] },
    { method: 'GET', segments: [root, 'functions', 'f'], query: 'Qualifier=1' },
    { method: 'GET', segments: [root, 'functions', 'f', 'configuration'] },
    { method: 'GET', segments: [root, 'functions', 'f', 'versions'] },
    { method: 'GET', segments: [root, 'functions', 'f', 'aliases'] },
    { method: 'GET', segments: [root, 'functions', 'f', 'aliases', 'live'] },
    { method: 'GET', segments: [root, 'event-source-mappings'], query: 'FunctionName=f' },
    { method: 'GET', segments: [root, 'event-source-mappings', uuid] },
    { method: 'PUT', segments: [root, 'event-source-mappings', uuid], body: { Enabled: false, FunctionName: 'f' } },
  ];
};

export const S3: readonly RestTemplate[] = [
  { method: 'GET', segments: [''] },
  {
    method: 'PUT',
    segments: ['other'],
    body: '<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>',
  },
  { method: 'HEAD', segments: ['bucket'] },
  { method: 'GET', segments: ['bucket'], query: 'location' },
  { method: 'GET', segments: ['bucket'], query: 'list-type=2&prefix=a&delimiter=%2F&max-keys=2&encoding-type=url' },
  {
    method: 'POST',
    segments: ['bucket'],
    query: 'delete',
    body: '<Delete><Object><Key>a&amp;&#65;&#x41;</Key></Object></Delete>',
  },
  { method: 'PUT', segments: ['bucket', 'a', 'b'], headers: { 'x-amz-meta-a': 'b' }, body: 'text' },
  {
    method: 'PUT',
    segments: ['bucket', 'a'],
    headers: { 'content-encoding': 'aws-chunked', 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' },
    body: '4\r\ntext\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n',
  },
  { method: 'GET', segments: ['bucket', 'a', 'b'], headers: { range: 'bytes=0-1' } },
  { method: 'HEAD', segments: ['bucket', 'a', 'b'] },
  { method: 'DELETE', segments: ['bucket', 'z'] },
  { method: 'DELETE', segments: ['other'] },
];
