import { randomUUID } from 'node:crypto';
import {
  CreateArchiveCommand,
  CreateEventBusCommand,
  EventBridgeClient,
  ListArchivesCommand,
  ListReplaysCommand,
  ListRuleNamesByTargetCommand,
  PutRuleCommand,
  PutTargetsCommand,
  StartReplayCommand,
  TestEventPatternCommand,
  UpdateArchiveCommand,
} from '@aws-sdk/client-eventbridge';
import { GetEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateScheduleGroupCommand,
  ListTagsForResourceCommand,
  SchedulerClient,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-scheduler';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileInputTransformer } from '../../../local/eventbridge/input-transformer.ts';
import { judgeBatch } from '../../../local/lambda/mappings/batch-response.ts';
import { type AllEngines, openAllEngines } from '../../fixtures/all-engines.ts';
import { createFunctionFolder, type FunctionFolder } from '../../local/lambda/function-folder.ts';
import { needsOwnEngine } from './endpoint-under-test.ts';

const ACCOUNT = '111122223333';
const QUEUE = `arn:aws:sqs:eu-central-1:${ACCOUNT}:q`;

let engines: AllEngines;
let folder: FunctionFolder;
let client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
beforeAll(async () => {
  engines = await openAllEngines();
  folder = createFunctionFolder();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = { endpoint: engines.url, region: 'eu-central-1', credentials };
});
afterAll(async () => {
  await engines[Symbol.asyncDispose]();
  folder.remove();
});

describe('EventBridge answers as recorded on AWS', () => {
  it('lists archives without ARN, description and pattern, and updates only the given settings', async () => {
    needsOwnEngine('EVENTBRIDGE', 'the archives of the account are counted');
    const bus = new EventBridgeClient(client);
    const { EventBusArn } = await bus.send(new CreateEventBusCommand({ Name: 'archived' }));
    const ArchiveName = 'orders';
    await bus.send(
      new CreateArchiveCommand({ ArchiveName, EventSourceArn: EventBusArn, Description: 'd', RetentionDays: 1 }),
    );

    await bus.send(new UpdateArchiveCommand({ ArchiveName, RetentionDays: 2 }));
    const { Archives } = await bus.send(new ListArchivesCommand({ NamePrefix: 'ord' }));
    const others = await bus.send(new ListArchivesCommand({ NamePrefix: 'none' }));

    expect(Archives).toEqual([
      {
        ArchiveName,
        CreationTime: expect.any(Date),
        EventCount: 0,
        EventSourceArn: EventBusArn,
        RetentionDays: 2,
        SizeBytes: 0,
        State: 'ENABLED',
      },
    ]);
    expect(others.Archives).toEqual([]);
    await expect(bus.send(new UpdateArchiveCommand({ ArchiveName }))).rejects.toMatchObject({
      message: 'At least one of EventPattern, RetentionDays or Description must be provided.',
    });
    bus.destroy();
  });

  it('lists replays without ARN and destination, and refuses an archive that does not exist', async () => {
    needsOwnEngine('EVENTBRIDGE', 'the replays of the account are counted');
    const bus = new EventBridgeClient(client);
    const { EventBusArn } = await bus.send(new CreateEventBusCommand({ Name: 'replayed' }));
    const { ArchiveArn } = await bus.send(new CreateArchiveCommand({ ArchiveName: 'a', EventSourceArn: EventBusArn }));
    const range = { EventStartTime: new Date(1_000), EventEndTime: new Date(2_000), Destination: { Arn: EventBusArn } };
    const start = (EventSourceArn: string | undefined) =>
      bus.send(new StartReplayCommand({ ...range, ReplayName: 'replay', EventSourceArn }));

    await expect(start(`arn:aws:events:eu-central-1:${ACCOUNT}:archive/none`)).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Parameter EventSourceArn is not valid. Reason: Archive none does not exist.',
    });
    await start(ArchiveArn);
    const { Replays } = await bus.send(new ListReplaysCommand({ NamePrefix: 'rep' }));

    expect(
      Replays?.map((replay) =>
        Object.keys(replay)
          .filter((name) => /Arn|Name|State$/.test(name))
          .toSorted(),
      ),
    ).toEqual([['EventSourceArn', 'ReplayName', 'State']]);
    bus.destroy();
  });

  it('names the rules of a target', async () => {
    needsOwnEngine('EVENTBRIDGE', 'it makes rules on the default bus');
    const bus = new EventBridgeClient(client);
    for (const Rule of ['r1', 'r2']) {
      await bus.send(new PutRuleCommand({ Name: Rule, EventPattern: '{"source":["a"]}' }));
      await bus.send(new PutTargetsCommand({ Rule, Targets: [{ Id: 'q', Arn: QUEUE }] }));
    }

    const page = await bus.send(new ListRuleNamesByTargetCommand({ TargetArn: QUEUE, Limit: 1 }));
    const none = await bus.send(new ListRuleNamesByTargetCommand({ TargetArn: `${QUEUE}-other` }));

    expect(page).toMatchObject({ RuleNames: ['r1'], NextToken: expect.any(String) });
    expect(none.RuleNames).toEqual([]);
    bus.destroy();
  });

  it('tests an event without resources, and refuses a wildcard that is too complex', async () => {
    needsOwnEngine('EVENTBRIDGE', 'it is read beside the others of this file');
    const bus = new EventBridgeClient(client);
    const Event = JSON.stringify({
      id: '1',
      account: '1',
      source: 'a',
      time: '2026-01-01T00:00:00Z',
      region: 'r',
      'detail-type': 't',
    });
    const test = (pattern: object) =>
      bus.send(new TestEventPatternCommand({ Event, EventPattern: JSON.stringify(pattern) }));

    expect((await test({ source: ['a'] })).Result).toBe(true);
    await expect(test({ source: [{ wildcard: '*:*:*:*:*:event-bus/*' }] })).rejects.toMatchObject({
      name: 'InvalidEventPatternException',
      message: expect.stringContaining(
        'Reason: Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character',
      ),
    });
    bus.destroy();
  });

  it.each([{ a: 1 }, ['HIGH']])('delivers nothing if a JSON template puts %o into a string', (value) => {
    const transform = (InputTemplate: string) =>
      compileInputTransformer({ InputPathsMap: { v: '$.detail.v' }, InputTemplate }, 'one')(
        {
          fields: { detail: { v: value } },
          detailJson: '',
          json: '',
          occurredAt: 0,
          ingestedAt: 0,
          forwarded: false,
        } as never,
        { name: 'r', arn: 'a' },
      );

    expect(() => transform('{"text": "<v>"}')).toThrow('puts an object or a list into a JSON string');
    expect(JSON.parse(transform('{"text": <v>}'))).toEqual({ text: value });
  });
});

describe('Lambda answers as recorded on AWS', () => {
  it('shows the ARN and the defaults of a mapping, and names a source that does not exist', async () => {
    needsOwnEngine('LAMBDA', 'its functions are put into the engine, past the API');
    const queues = new SQSClient(client);
    const reader = new LambdaClient(client);
    await queues.send(new CreateQueueCommand({ QueueName: 'q' }));
    const codeFolder = folder.write({ 'index.mjs': 'export const handler = async () => ({});' });
    const sizes = { timeoutSeconds: 3, memoryMb: 128 };
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/r`;
    engines.lambda.createFunction({
      functionName: 'f',
      codeFolder,
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      ...sizes,
      environment: {},
      roleArn,
    });
    const map = (eventSourceArn: string, more = {}) =>
      engines.lambda.createEventSourceMapping({ functionName: 'f', eventSourceArn, enabled: false, ...more });

    const { uuid } = await map(QUEUE);
    const view = await reader.send(new GetEventSourceMappingCommand({ UUID: uuid }));

    expect(view).toMatchObject({
      BatchSize: 10,
      EventSourceMappingArn: `arn:aws:lambda:eu-central-1:${ACCOUNT}:event-source-mapping:${uuid}`,
      StateTransitionReason: 'USER_INITIATED',
    });
    expect(view.LastProcessingResult).toBeUndefined();
    await expect(map(`${QUEUE}-none`)).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message:
        'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.',
    });
    const stream = `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/none/stream/2025-02-22T03:03:25.490`;
    await expect(map(stream, { startingPosition: 'LATEST' })).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message: `Stream not found: ${stream}`,
    });
    queues.destroy();
    reader.destroy();
  });

  it('treats an empty list as an answer without failures', () => {
    const result = { statusCode: 200, executedVersion: '1', payload: '[]', logTail: '' } as never;

    expect(judgeBatch(result, new Set(['1']), true)).toEqual({ kind: 'all-done' });
  });
});

describe('EventBridge Scheduler answers as recorded on AWS', () => {
  it('tags groups', async () => {
    needsOwnEngine('SCHEDULER', 'it is read beside the others of this file');
    const scheduler = new SchedulerClient(client);
    const Name = `g-${randomUUID()}`;
    const { ScheduleGroupArn: ResourceArn } = await scheduler.send(
      new CreateScheduleGroupCommand({ Name, Tags: [{ Key: 'a', Value: '1' }] }),
    );
    const list = async () => (await scheduler.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags;

    await scheduler.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'b', Value: '2' }] }));
    const both = await list();
    await scheduler.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['a', 'b'] }));

    expect(both).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ]);
    expect(await list()).toEqual([]);
    scheduler.destroy();
  });
});
