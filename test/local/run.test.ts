import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalRun, startLocalRun } from '../../local/run.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../local/temporary-folder.ts';
import { synthesizeOutboxApp } from './template/outbox-app.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const silent = () => {};

const clientOptions = (run: LocalRun) => ({
  endpoint: run.endpointUrl,
  region: run.region,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

const idOf = (run: LocalRun, list: 'tables' | 'queues' | 'functions', logicalId: string): string => {
  const found = run.deployment[list].find((resource) => resource.logicalId.startsWith(logicalId));
  if (found === undefined) throw new Error(`${logicalId} is not among the ${list}`);
  return found.physicalId;
};

const orderItem = (orderId: string) => ({
  partitionkey: { S: `order#${orderId}` },
  sequence: { N: '1' },
  event: { S: JSON.stringify({ orderId }) },
});

describe.each(['weak', 'strong'] as const)('a local run of an app with %s references', (crossStackReferences) => {
  const lines: string[] = [];
  const invoked: string[] = [];
  let folder: TemporaryFolder;
  let run: LocalRun;
  let dynamoDb: DynamoDBClient;
  let sqs: SQSClient;

  beforeAll(async () => {
    folder = createTemporaryFolder();
    run = await startLocalRun({
      assemblyFolder: synthesizeOutboxApp(folder.path, { crossStackReferences }),
      log: silent,
      onLogLine: (functionName, line) => lines.push(`${functionName}: ${line}`),
      // a hook that sees every invocation and breaks none
      faults: { lambda: { onInvocation: ({ functionName }) => void invoked.push(functionName) } },
    });
    dynamoDb = new DynamoDBClient(clientOptions(run));
    sqs = new SQSClient(clientOptions(run));
  });

  afterAll(async () => {
    dynamoDb?.destroy();
    sqs?.destroy();
    await run?.close();
    folder?.[Symbol.dispose]();
  });

  const putOrder = (Item: ReturnType<typeof orderItem>) =>
    dynamoDb.send(new PutItemCommand({ TableName: idOf(run, 'tables', 'Outbox'), Item }));

  it('lists what a front end shows', () => {
    const { deployment } = run;
    const queue = deployment.queues.find(({ logicalId }) => logicalId.startsWith('BillingQueue'));
    const deadLetters = deployment.queues.find(({ logicalId }) => logicalId.startsWith('BillingDeadLetters'));
    const rule = deployment.rules.find(({ logicalId }) => logicalId.startsWith('BillingRule'));

    expect(queue).toMatchObject({ fifo: true, maxReceiveCount: 5, constructPath: 'Shop/BillingQueue/Resource' });
    expect(queue?.queueName).toMatch(/^Shop-BillingQueue[0-9A-F]{8}-[A-Za-z0-9]{12}\.fifo$/);
    expect(queue?.deadLetterQueueArn).toBe(deadLetters?.arn);
    expect(rule).toMatchObject({
      busName: deployment.buses[0]?.busName,
      eventPattern: { 'detail-type': ['order.placed'] },
    });
    expect(rule?.targets).toMatchObject([{ id: 'Target0', arn: queue?.arn }]);
    expect(deployment.functions.map(({ constructPath }) => constructPath)).toEqual([
      'Hub/Relay/Resource',
      'Shop/Billing/Resource',
    ]);
    expect(deployment.mappings).toHaveLength(2);
  });

  it('carries an item from a stream through a function, the bus, a queue and another function', async () => {
    await putOrder(orderItem('1042'));

    await run.settled(AbortSignal.timeout(240_000));

    const { Items } = await dynamoDb.send(new ScanCommand({ TableName: idOf(run, 'tables', 'Bills') }));
    expect(Items).toContainEqual({ id: { S: '1042' }, group: { S: '1042' } });
  });

  it('reports what is in progress until it has settled', async () => {
    await putOrder(orderItem('moving'));

    expect(run.unsettled()).toContainEqual(expect.stringMatching(/^Hub-Relay\S+: holds records of Hub-Outbox\S+$/));
    await run.settled(AbortSignal.timeout(240_000));
    expect(run.unsettled()).toEqual([]);
  });

  it('puts what a function could not handle into its bucket', async () => {
    const { event: _, ...poison } = orderItem('poison');
    const [bucket] = run.deployment.resources.filter(({ type }) => type === 'AWS::S3::Bucket');

    await dynamoDb.send(new PutItemCommand({ TableName: idOf(run, 'tables', 'Outbox'), Item: poison }));
    await run.settled(AbortSignal.timeout(240_000));

    const bodies = [...run.s3.objects(bucket?.physicalId ?? '').values()].map(String);
    expect(bodies.map((body) => JSON.parse(body))).toMatchObject([
      { requestContext: { condition: 'RetryAttemptsExhausted' }, payload: expect.stringContaining('order#poison') },
    ]);
  });

  it("filters a stream by the mapping's patterns", async () => {
    const Item = orderItem('filtered');
    await putOrder(Item);
    await run.settled(AbortSignal.timeout(240_000));
    const before = invoked.length;

    const Key = { partitionkey: Item.partitionkey, sequence: Item.sequence };
    await dynamoDb.send(new DeleteItemCommand({ TableName: idOf(run, 'tables', 'Outbox'), Key }));
    await run.settled(AbortSignal.timeout(240_000));

    expect(before).toBeGreaterThan(0);
    expect(invoked.slice(before)).toEqual([]);
  });

  it('calls a function on schedule when its time comes', async () => {
    run.clock.advance(DAY_MS);

    await run.settled(AbortSignal.timeout(240_000));

    expect(lines.some((line) => line.startsWith('Hub-Relay') && line.includes('called on schedule'))).toBe(true);
  });

  it("leaves an event in its rule's dead-letter queue if its target queue no longer exists", async () => {
    const undeliverable = run.deployment.queues.find(({ logicalId }) => logicalId.startsWith('Undeliverable'));
    await sqs.send(new DeleteQueueCommand({ QueueUrl: idOf(run, 'queues', 'BillingQueue') }));

    await putOrder(orderItem('stray'));
    await run.settled(AbortSignal.timeout(240_000));

    expect(run.sqs.peek(undeliverable?.arn ?? '')).toMatchObject([{ body: expect.stringContaining('stray') }]);
  });
});

describe('startLocalRun', () => {
  const assemblyOf = (folder: TemporaryFolder, Resources: object, name = 'assembly'): string => {
    const assemblyFolder = join(folder.path, name);
    const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'Only.json' } };
    mkdirSync(assemblyFolder);
    writeFileSync(join(assemblyFolder, 'manifest.json'), JSON.stringify({ artifacts: { Only: stack } }));
    writeFileSync(join(assemblyFolder, 'Only.json'), JSON.stringify({ Resources }));
    return assemblyFolder;
  };

  it('closes what it opened when a resource cannot be created', async () => {
    using folder = createTemporaryFolder();
    const assemblyFolder = assemblyOf(folder, {
      Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 99_999 } },
    });
    const probe = await startLocalRun({ assemblyFolder: assemblyOf(folder, {}, 'empty'), log: silent });
    await probe.close();

    await expect(
      startLocalRun({ assemblyFolder, port: Number(new URL(probe.endpointUrl).port), log: silent }),
    ).rejects.toMatchObject({
      code: 'LOCAL_DEPLOYMENT_FAILED',
      message: expect.stringContaining('Only/Queue (AWS::SQS::Queue): '),
    });
    await expect(fetch(probe.endpointUrl)).rejects.toThrow('fetch failed');
  });

  it('refuses unknown resources before it opens anything', async () => {
    using folder = createTemporaryFolder();
    const assemblyFolder = assemblyOf(folder, { Api: { Type: 'AWS::ApiGateway::RestApi' } });

    await expect(startLocalRun({ assemblyFolder, log: silent })).rejects.toMatchObject({
      code: 'LOCAL_TEMPLATE_REFUSED',
      problems: ["Only/Api (AWS::ApiGateway::RestApi): type 'AWS::ApiGateway::RestApi' is not known to the local run"],
    });
  });

  it('ends only once, however often it is closed', async () => {
    using folder = createTemporaryFolder();
    const run = await startLocalRun({ assemblyFolder: assemblyOf(folder, {}), log: silent });

    await Promise.all([run.close(), run.close()]);

    await expect(run.close()).resolves.toBeUndefined();
    await expect(fetch(run.endpointUrl)).rejects.toThrow('fetch failed');
  });
});
