import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createMovableClock, type MovableClock } from '../../../local/clock.ts';
import { createDynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import type { DynamoDbFaults } from '../../../local/dynamodb/faults.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import { compileEventPattern } from '../../../local/eventbridge/pattern/event-pattern.ts';
import type { FunctionConfiguration } from '../../../local/lambda/configuration.ts';
import type { LambdaFaults } from '../../../local/lambda/faults.ts';
import { createLambda, type Lambda } from '../../../local/lambda/lambda.ts';
import type { EventSourceMappingConfiguration } from '../../../local/lambda/mappings/configuration.ts';
import { createSqs } from '../../../local/sqs/sqs.ts';
import { until } from '../../fixtures/until.ts';
import { createFunctionFolder } from '../../local/lambda/function-folder.ts';
import { needsOwnEngine } from './endpoint-under-test.ts';

export interface Queue {
  readonly url: string;
  readonly arn: string;
}

/** Lambda, SQS and DynamoDB behind one endpoint; functions tell what they get by logging it. */
export interface LambdaRig extends AsyncDisposable {
  readonly host: Lambda;
  /** Of the endpoint. */
  readonly url: string;
  readonly clock: MovableClock;
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
  readonly dynamo: DynamoDBClient;
  /** `level message` of the run's log, warnings and errors. */
  readonly troubles: string[];
  /** What functions put into a bucket: `bucket/key`, and the text. */
  readonly objects: { readonly path: string; readonly body: string }[];
  /** JSON lines that functions logged, parsed, in order. */
  readonly told: unknown[];
  /** Waits until functions have told `count` things in all, and gives them. */
  tells(count: number): Promise<readonly unknown[]>;
  /** Waits until the run's log has as many warnings and errors. */
  troubled(count: number): Promise<void>;
  /** Waits until no invocation runs and no mapping holds a record. */
  settled(): Promise<void>;
  add(functionName: string, source: string, more?: Partial<FunctionConfiguration>): void;
  map(
    eventSourceArn: string,
    functionName: string,
    more?: Partial<EventSourceMappingConfiguration>,
  ): Promise<{ readonly uuid: string }>;
  queue(name: string, attributes?: Record<string, string>): Promise<Queue>;
  /** A table with the keys `pk` and `sk`; gives the ARN of its stream of new images. */
  table(name: string): Promise<string>;
}

const REGION = 'eu-west-1';
const ACCOUNT = '123456789012';

/** Trouble on demand. */
export interface RigFaults {
  readonly dynamoDb?: DynamoDbFaults;
  readonly lambda?: LambdaFaults;
}

export async function openLambdaRig(faults: RigFaults = {}): Promise<LambdaRig> {
  needsOwnEngine('LAMBDA', 'its functions are put into the engine, past the API');
  // time moves when a test moves it
  const startedAt = Date.now();
  const clock = createMovableClock(() => startedAt);
  const folder = createFunctionFolder();
  const troubles: string[] = [];
  const objects: { path: string; body: string }[] = [];
  const told: unknown[] = [];
  const listeners = new Set<() => void>();
  const log = (level: string, _source: string, message: string) => {
    if (level === 'warn' || level === 'error') troubles.push(`${level} ${message}`);
  };
  const endpoint = await openEndpoint({ log });
  const place = { clock, region: REGION, accountId: ACCOUNT, log };
  const sqsEngine = createSqs({ ...place, endpointUrl: () => endpoint.url, newId: randomUUID });
  const dynamoEngine = createDynamoDb({ ...place, faults: faults.dynamoDb });
  const host = createLambda(
    {
      ...place,
      endpointUrl: () => endpoint.url,
      credentialsOf: () => ({ accessKeyId: 'function', secretAccessKey: 'secret' }),
      newId: randomUUID,
      random: () => 0.5,
      ...(faults.lambda === undefined ? {} : { faults: faults.lambda }),
      compileEventPattern,
      putObject: async (bucket, key, body) => void objects.push({ path: `${bucket}/${key}`, body }),
      onLogLine: (_functionName, line) => {
        if (line.startsWith('{') || line.startsWith('[')) told.push(JSON.parse(line));
        for (const listener of listeners) listener();
      },
    },
    { sqs: sqsEngine.service, dynamoDbStreams: dynamoEngine.streams, onStreamRecords: dynamoEngine.onStreamRecords },
  );
  endpoint.add(sqsEngine.service, dynamoEngine.service, dynamoEngine.streams, host.service);
  const client = {
    endpoint: endpoint.url,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  const lambda = new LambdaClient(client);
  const sqs = new SQSClient(client);
  const dynamo = new DynamoDBClient(client);

  return {
    host,
    url: endpoint.url,
    clock,
    lambda,
    sqs,
    dynamo,
    troubles,
    objects,
    told,
    tells: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (told.length < count) return;
          listeners.delete(look);
          resolve([...told]);
        };
        listeners.add(look);
        look();
      }),
    async troubled(count) {
      await until(() => troubles.length >= count);
    },
    async settled() {
      const busy = () => {
        const { invocations, busyMappings } = host.activity();
        return invocations > 0 || busyMappings.length > 0;
      };
      await until(() => !busy());
    },
    add: (functionName, source, more = {}) =>
      host.createFunction({
        functionName,
        codeFolder: folder.write({ 'index.mjs': source }),
        handler: 'index.handler',
        runtime: 'nodejs24.x',
        timeoutSeconds: 10,
        memoryMb: 128,
        environment: {},
        roleArn: `arn:aws:iam::${ACCOUNT}:role/${functionName}`,
        ...more,
      }),
    map: (eventSourceArn, functionName, more = {}) =>
      host.createEventSourceMapping({ eventSourceArn, functionName, ...more }),
    async queue(name, attributes = {}) {
      const fifo: Record<string, string> = name.endsWith('.fifo')
        ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' }
        : {};
      const created = await sqs.send(
        new CreateQueueCommand({ QueueName: name, Attributes: { ...fifo, ...attributes } }),
      );
      return { url: created.QueueUrl ?? '', arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}` };
    },
    async table(name) {
      const created = await dynamo.send(
        new CreateTableCommand({
          TableName: name,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [
            { AttributeName: 'pk', AttributeType: 'S' },
            { AttributeName: 'sk', AttributeType: 'N' },
          ],
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
          StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
        }),
      );
      return created.TableDescription?.LatestStreamArn ?? '';
    },
    async [Symbol.asyncDispose]() {
      await host.close(0);
      sqsEngine.close();
      await dynamoEngine.close();
      for (const each of [lambda, sqs, dynamo]) each.destroy();
      await endpoint.close();
      folder.remove();
    },
  };
}

/** Messages on the queue that are visible, and in flight. */
export async function depthOf(rig: LambdaRig, queue: Queue): Promise<{ visible: number; inFlight: number }> {
  const { Attributes } = await rig.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['All'] }),
  );
  return {
    visible: Number(Attributes?.['ApproximateNumberOfMessages']),
    inFlight: Number(Attributes?.['ApproximateNumberOfMessagesNotVisible']),
  };
}
