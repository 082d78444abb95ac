import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import { createHttpApis } from '../../../local/http-api/http-apis.ts';
import { type AllEngines, openAllEngines } from '../../fixtures/all-engines.ts';
import { sendOverWire, type WireAnswer, type WireRequest } from '../../fixtures/send-over-wire.ts';
import { createFunctionFolder, type FunctionFolder } from '../../local/lambda/function-folder.ts';
import { type Judge, judgeHttpApi, judgeJson, judgeQuery, judgeRestJson, judgeS3 } from './malformed/judge.ts';
import { authorization, jsonRequests, queryRequests, type RestTemplate, restRequests } from './malformed/mutate.ts';
import {
  createTable,
  DYNAMODB,
  EVENTBRIDGE,
  LAMBDA,
  S3,
  SCHEDULER,
  SSM,
  sqs,
  sqsQuery,
  streams,
} from './malformed/valid-inputs.ts';

const REQUESTS = 1_000;
const SEED = 20_261_130;
const AT_A_TIME = 8;
const TIMEOUT_MS = 300_000;

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const ROLE = 'arn:aws:iam::111122223333:role/r';

let engines: AllEngines;
let folder: FunctionFolder;
beforeAll(async () => {
  engines = await openAllEngines();
  folder = createFunctionFolder();
});
afterAll(async () => {
  await engines[Symbol.asyncDispose]();
  folder.remove();
});

const client = () => ({ endpoint: engines.url, region: 'eu-central-1', credentials: CREDENTIALS, maxAttempts: 1 });

/** Sends the requests, a few at a time, and tells what is wrong with the answers: each kind of trouble once. */
async function troublesOf(requests: readonly WireRequest[], judge: Judge, url = engines.url) {
  const troubles = new Map<string, string>();
  const waiting = [...requests];
  const sendAll = async () => {
    for (let request = waiting.pop(); request !== undefined; request = waiting.pop()) {
      const answer = await sendOverWire(url, request).catch((error: unknown) => String(error));
      const trouble = typeof answer === 'string' ? answer : judge(answer);
      if (trouble !== undefined && !troubles.has(trouble)) troubles.set(trouble, describeTrouble(request, answer));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, sendAll));
  return [...troubles];
}

const describeTrouble = ({ method, path, headers, body }: WireRequest, answer: WireAnswer | string): string =>
  JSON.stringify({
    request: `${method} ${path ?? '/'} ${String(headers?.['x-amz-target'] ?? '')}`,
    body: String(body).slice(0, 600),
    answer: typeof answer === 'string' ? answer : `${answer.status} ${answer.body.slice(0, 300)}`,
  });

const sample = (requests: fc.Arbitrary<WireRequest>) => fc.sample(requests, { numRuns: REQUESTS, seed: SEED });

const JSON_ERRORS = ['SerializationException', 'UnknownOperationException'];

describe('1,000 malformed requests are each answered with an error of the service:', { timeout: TIMEOUT_MS }, () => {
  it('DynamoDB', async () => {
    const dynamo = new DynamoDBClient(client());
    await dynamo.send(new CreateTableCommand(createTable('tab') as never));
    dynamo.destroy();

    const requests = sample(jsonRequests('DynamoDB_20120810', 'dynamodb', '1.0', DYNAMODB));

    const judge = judgeJson([
      ...JSON_ERRORS,
      'ValidationException',
      'ResourceNotFoundException',
      'ResourceInUseException',
      'LimitExceededException',
      'ConditionalCheckFailedException',
      'TransactionCanceledException',
      'IdempotentParameterMismatchException',
      'ItemCollectionSizeLimitExceededException',
    ]);
    expect(await troublesOf(requests, judge)).toEqual([]);
  });

  it('DynamoDB Streams', async () => {
    const dynamo = new DynamoDBClient(client());
    const reader = new DynamoDBStreamsClient(client());
    const { TableDescription } = await dynamo.send(new CreateTableCommand(createTable('streamed') as never));
    const StreamArn = TableDescription?.LatestStreamArn;
    const { StreamDescription } = await reader.send(new DescribeStreamCommand({ StreamArn }));
    const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
    const { ShardIterator } = await reader.send(
      new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'LATEST' }),
    );
    dynamo.destroy();
    reader.destroy();

    const valid = streams(StreamArn ?? '', ShardId ?? '', ShardIterator ?? '');
    const requests = sample(jsonRequests('DynamoDBStreams_20120810', 'dynamodb', '1.0', valid));

    const judge = judgeJson([
      ...JSON_ERRORS,
      'ValidationException',
      'ResourceNotFoundException',
      'TrimmedDataAccessException',
      'ExpiredIteratorException',
    ]);
    expect(await troublesOf(requests, judge)).toEqual([]);
  });

  it('SQS, in both of its protocols', async () => {
    const queues = new SQSClient(client());
    const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: 'q' }));
    const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
    await queues.send(new CreateQueueCommand({ QueueName: 'q.fifo', Attributes }));
    await queues.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    const { Messages } = await queues.send(new ReceiveMessageCommand({ QueueUrl }));
    const handle = Messages?.[0]?.ReceiptHandle ?? '';
    queues.destroy();

    const json = sample(jsonRequests('AmazonSQS', 'sqs', '1.0', sqs(handle)));
    const query = sample(queryRequests('sqs', sqsQuery(handle)));

    expect(await troublesOf(json, judgeJson([...JSON_ERRORS, ...SQS_ERRORS]))).toEqual([]);
    expect(await troublesOf(query, judgeQuery(SQS_QUERY_ERRORS))).toEqual([]);
  });

  it('EventBridge', async () => {
    const bus = new EventBridgeClient(client());
    await bus.send(new CreateEventBusCommand({ Name: 'bus' }));
    bus.destroy();

    const requests = sample(jsonRequests('AWSEvents', 'events', '1.1', EVENTBRIDGE));

    const judge = judgeJson([
      ...JSON_ERRORS,
      'ValidationException',
      'InvalidEventPatternException',
      'ResourceNotFoundException',
      'ResourceAlreadyExistsException',
      'LimitExceededException',
      'ManagedRuleException',
    ]);
    expect(await troublesOf(requests, judge)).toEqual([]);
  });

  it('Systems Manager', async () => {
    const requests = sample(jsonRequests('AmazonSSM', 'ssm', '1.1', SSM));

    const ssmErrors = [
      ...JSON_ERRORS,
      'ValidationException',
      'AccessDeniedException',
      'HierarchyLevelLimitExceededException',
      'HierarchyTypeMismatchException',
      'InvalidAllowedPatternException',
      'InvalidFilterKey',
      'InvalidFilterOption',
      'InvalidFilterValue',
      'InvalidNextToken',
      'InvalidPolicyTypeException',
      'InvalidResourceId',
      'InvalidResourceType',
      'ParameterAlreadyExists',
      'ParameterNotFound',
      'ParameterPatternMismatchException',
      'ParameterVersionNotFound',
    ];
    expect(await troublesOf(requests, judgeJson(ssmErrors, ['ParameterNotFound']))).toEqual([]);
  });

  it('EventBridge Scheduler', async () => {
    const oddQueries = [
      'MaxResults=0',
      'MaxResults=x',
      'NextToken=%00',
      'groupName=none',
      'groupName=',
      'State=ODD',
      'NamePrefix=%F0%9F%98%80',
      'TagKeys=',
    ];
    const headers = { ...authorization('scheduler'), 'content-type': 'application/json' };
    const requests = sample(restRequests(headers, SCHEDULER, oddQueries, [{ 'content-type': 'text/plain' }]));

    const judge = judgeRestJson([
      ...JSON_ERRORS,
      'ValidationException',
      'ResourceNotFoundException',
      'ConflictException',
      'ServiceQuotaExceededException',
      'InvalidURI',
    ]);
    expect(await troublesOf(requests, judge)).toEqual([]);
  });

  it('Lambda', async () => {
    const { lambda } = engines;
    const codeFolder = folder.write({ 'index.mjs': 'export const handler = async (event) => ({ event });' });
    const queue = 'arn:aws:sqs:eu-central-1:111122223333:mapped';
    const queues = new SQSClient(client());
    await queues.send(new CreateQueueCommand({ QueueName: 'mapped' }));
    queues.destroy();
    lambda.createFunction({
      functionName: 'f',
      codeFolder,
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      timeoutSeconds: 30,
      memoryMb: 128,
      environment: {},
      roleArn: ROLE,
    });
    lambda.createAlias('f', { name: 'live', version: lambda.publishVersion('f'), weights: {} });
    const { uuid } = await lambda.createEventSourceMapping({
      functionName: 'f',
      eventSourceArn: queue,
      enabled: false,
    });

    const oddQueries = [
      'Qualifier=',
      'Qualifier=none',
      'Qualifier=%00',
      'FunctionName=',
      'FunctionName=%25',
      'MaxItems=x',
      'EventSourceArn=arn',
    ];
    const oddHeaders: readonly Record<string, string>[] = [
      { 'x-amz-invocation-type': 'Odd' },
      { 'x-amz-invocation-type': 'Event' },
      { 'x-amz-log-type': 'Odd' },
    ];
    const requests = sample(restRequests(authorization('lambda'), LAMBDA(uuid), oddQueries, oddHeaders));

    const judge = judgeRestJson([
      ...JSON_ERRORS,
      'InvalidParameterValueException',
      'ResourceNotFoundException',
      'ResourceConflictException',
      'InvalidRequestContentException',
      'RequestTooLargeException',
      'TooManyRequestsException',
      'InvalidURI',
    ]);
    expect(await troublesOf(requests, judge)).toEqual([]);
  });

  it('S3', async () => {
    const s3 = new S3Client({ ...client(), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
    s3.destroy();

    const oddQueries = [
      'uploads',
      'versionId=1',
      'max-keys=-1',
      'max-keys=x',
      'list-type=3',
      'list-type=2&continuation-token=%00',
      'list-type=2&encoding-type=odd',
      'prefix=%ED%A0%80',
    ];
    const oddHeaders: readonly Record<string, string>[] = [
      { range: 'bytes=9-1' },
      { range: 'bytes=99999999999999999999-' },
      { 'x-amz-checksum-crc32': 'odd' },
      { 'x-amz-checksum-sha256': 'AAAA' },
      { 'content-md5': 'odd' },
      { 'if-none-match': '"x"' },
      { 'x-amz-copy-source': '/bucket/a' },
      { 'content-encoding': 'aws-chunked' },
      { 'x-amz-trailer': 'x-amz-checksum-odd' },
      { 'if-modified-since': 'never' },
    ];
    const requests = sample(restRequests(authorization('s3'), S3, oddQueries, oddHeaders));

    expect(await troublesOf(requests, judgeS3(S3_ERRORS))).toEqual([]);
  });

  it('an HTTP API', async () => {
    await using served = await serveHttpApi();
    const templates: readonly RestTemplate[] = [
      { method: 'GET', segments: ['_apis', 'shop', 'orders', '1'], query: 'a=1&a=2' },
      { method: 'POST', segments: ['_apis', 'shop', 'orders'], body: { a: 1 } },
      { method: 'POST', segments: ['_apis', 'shop', 'files', 'a', 'b'], body: 'text' },
    ];
    const oddQueries = ['%', '&&&=', '__proto__=1', 'a=%FF', 'a='.repeat(500)];
    const oddHeaders: readonly Record<string, string>[] = [
      { cookie: ';;=;' },
      { 'content-type': 'odd' },
      { authorization: 'Bearer x.y.z' },
      { 'x-forwarded-for': ',' },
    ];
    const requests = sample(restRequests({}, templates, oddQueries, oddHeaders));

    expect(await troublesOf(requests, judgeHttpApi, served.url)).toEqual([]);
  });
});

describe('the cost of a request is bounded:', { timeout: TIMEOUT_MS }, () => {
  const target = (name: string, body: string | Uint8Array): WireRequest => ({
    method: 'POST',
    headers: { ...authorization('any'), 'x-amz-target': name },
    body,
  });
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

  it.each([
    ['DynamoDB', 'DynamoDB_20120810.ListTables'],
    ['SQS', 'AmazonSQS.ListQueues'],
    ['EventBridge', 'AWSEvents.ListRules'],
  ])('a body of more than 24 MiB is not kept: %s', async (_, name) => {
    const answer = await sendOverWire(engines.url, target(name, Buffer.alloc(24 * 1024 * 1024 + 1, 32)));

    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body)).toMatchObject({
      __type: 'com.amazonaws#RequestEntityTooLargeException',
      message: 'the request body has more than 25165824 bytes',
    });
  });

  it('JSON of more than 1,000 levels is not parsed', async () => {
    const answer = await sendOverWire(engines.url, target('DynamoDB_20120810.ListTables', deep(1_001)));

    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({
      __type: 'com.amazonaws#SerializationException',
      message: 'the request body has more than 1000 levels',
    });
  });

  it('texts that hold JSON of many levels are refused in the words of their operation', async () => {
    const event = { Source: 'a', DetailType: 't', Detail: deep(1_001) };
    const put = await sendOverWire(engines.url, target('AWSEvents.PutEvents', JSON.stringify({ Entries: [event] })));
    const tested = await sendOverWire(
      engines.url,
      target(
        'AWSEvents.TestEventPattern',
        JSON.stringify({ EventPattern: '{"a":[1]}', Event: `{"a":${'['.repeat(50_000)}` }),
      ),
    );

    expect(JSON.parse(put.body)).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'MalformedDetail' }] });
    expect(JSON.parse(tested.body)).toMatchObject({
      message: 'Parameter Event is not valid. Reason: Event has too many levels.',
    });
  });

  it.each<[string, string, object, string]>([
    [
      'an attribute',
      'PutItem',
      { Item: { pk: { S: 'a' }, sk: { N: '1' }, a: null } },
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    ],
    [
      'a key',
      'GetItem',
      { Key: { pk: null } },
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    ],
    [
      'an action',
      'TransactWriteItems',
      { TransactItems: [null] },
      "1 validation error detected: Value null at 'transactItems.1.member' failed to satisfy constraint: Member must not be null",
    ],
  ])('a null for %s is a ValidationException of DynamoDB', async (_, operation, input, message) => {
    const body = JSON.stringify({ TableName: 'tab', ...input });

    const answer = await sendOverWire(engines.url, target(`DynamoDB_20120810.${operation}`, body));

    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ __type: 'com.amazonaws#ValidationException', message });
  });

  it('unclosed XML tags are scanned once', async () => {
    const s3 = new S3Client({ ...client(), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'unclosed' }));
    s3.destroy();

    const body = `<Delete>${'<Object><Key>'.repeat(400_000)}`;
    const path = '/unclosed?delete';
    const answer = await sendOverWire(engines.url, { method: 'POST', path, headers: authorization('s3'), body });

    expect(answer).toMatchObject({ status: 400 });
    expect(answer.body).toContain('<Code>MalformedXML</Code>');
  });

  it('names with many dots are not members of the query protocol', async () => {
    const body = `Action=ListQueues&${'a.'.repeat(1_000_000)}b=1`;
    const headers = { ...authorization('sqs'), 'content-type': 'application/x-www-form-urlencoded' };

    const answer = await sendOverWire(engines.url, { method: 'POST', headers, body });

    expect(answer.status).toBe(200);
  });
});

const SQS_ERRORS = [
  'MissingRequiredParameterException',
  'InvalidParameterValueException',
  'InvalidAttributeName',
  'InvalidAttributeValue',
  'InvalidMessageContents',
  'InvalidAddress',
  'InvalidSecurity',
  'QueueDoesNotExist',
  'QueueNameExists',
  'QueueDeletedRecently',
  'PurgeQueueInProgress',
  'MessageNotInflight',
  'ReceiptHandleIsInvalid',
  'OverLimit',
  'ResourceNotFoundException',
  'UnsupportedOperation',
  'EmptyBatchRequest',
  'TooManyEntriesInBatchRequest',
  'InvalidBatchEntryId',
  'BatchEntryIdsNotDistinct',
  'BatchRequestTooLong',
];

const SQS_QUERY_ERRORS = [
  'MissingAction',
  'InvalidAction',
  'MalformedInput',
  'InvalidURI',
  'MissingParameter',
  'InvalidParameterValue',
  'InvalidAttributeName',
  'InvalidAttributeValue',
  'InvalidMessageContents',
  'QueueAlreadyExists',
  'ReceiptHandleIsInvalid',
  'OverLimit',
  'ResourceNotFoundException',
  ...[
    'NonExistentQueue',
    'QueueDeletedRecently',
    'PurgeQueueInProgress',
    'MessageNotInflight',
    'UnsupportedOperation',
  ].map((code) => `AWS.SimpleQueueService.${code}`),
  ...[
    'EmptyBatchRequest',
    'TooManyEntriesInBatchRequest',
    'InvalidBatchEntryId',
    'BatchEntryIdsNotDistinct',
    'BatchRequestTooLong',
  ].map((code) => `AWS.SimpleQueueService.${code}`),
];

const S3_ERRORS = [
  'NoSuchBucket',
  'NoSuchKey',
  'BucketNotEmpty',
  'BucketAlreadyOwnedByYou',
  'IllegalLocationConstraintException',
  'InvalidBucketName',
  'InvalidArgument',
  'InvalidRequest',
  'InvalidRange',
  'InvalidDigest',
  'InvalidURI',
  'MalformedXML',
  'BadDigest',
  'PreconditionFailed',
  'NotImplemented',
  'MethodNotAllowed',
  'KeyTooLongError',
  'EntityTooLarge',
  'XAmzContentSHA256Mismatch',
];

/** An API whose function answers what it gets. */
async function serveHttpApi() {
  const endpoint = await openEndpoint({ log: () => {} });
  let ids = 0;
  const apis = createHttpApis({
    clock: createMovableClock(),
    region: 'eu-central-1',
    accountId: '111122223333',
    log: () => {},
    newId: () => `id-${++ids}`,
    endpointUrl: () => endpoint.url,
    fetchJson: async () => ({}),
    lambda: {
      signingName: 'lambda',
      handle: async ({ body }) => ({
        statusCode: 200,
        body: JSON.stringify({ got: JSON.parse(body.toString('utf8')) as unknown }),
      }),
    },
  });
  endpoint.mount(apis.site);
  apis.createApi('shop', undefined);
  const functionArn = 'arn:aws:lambda:eu-central-1:111122223333:function:orders';
  apis.putIntegration('shop', 'orders', { functionArn, credentialsArn: undefined, timeoutMs: 30_000 });
  const throttling = { rateLimit: undefined, burstLimit: undefined };
  apis.putStage('shop', { stageName: '$default', variables: {}, throttling, routeThrottling: {} });
  for (const routeKey of ['GET /orders/{id}', 'POST /orders', 'ANY /files/{proxy+}']) {
    apis.putRoute('shop', routeKey, { routeKey, integrationId: 'orders', authorizationScopes: [] });
  }
  return { url: endpoint.url, [Symbol.asyncDispose]: endpoint.close };
}
