import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  type Target,
  TestEventPatternCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it } from 'vitest';
import { type EventBridgeRig, eventsArn, openEventBridgeRig, queueArn, SHOP } from './eventbridge-rig.ts';

let rig: EventBridgeRig;

beforeEach(async () => {
  rig = await openEventBridgeRig();
});

const RULE = { Rule: 'r', EventBusName: SHOP };

const putRule = async (pattern = '{"source":["orders"]}') => {
  await rig.client.send(new PutRuleCommand({ Name: 'r', EventBusName: SHOP, EventPattern: pattern }));
};

const createShop = async () => {
  await rig.client.send(new CreateEventBusCommand({ Name: SHOP }));
  await putRule();
};

const putTarget = (target: Partial<Target>) =>
  rig.client.send(new PutTargetsCommand({ ...RULE, Targets: [{ Id: 't', Arn: queueArn('q'), ...target }] }));

const putEvent = async () => {
  await rig.client.send(
    new PutEventsCommand({ Entries: [{ EventBusName: SHOP, Source: 'orders', DetailType: 't', Detail: '{}' }] }),
  );
  await rig.settle();
};

describe('event buses', () => {
  it('has a default bus', async () => {
    const bus = await rig.client.send(new DescribeEventBusCommand({}));

    expect(bus).toMatchObject({ Name: 'default', Arn: eventsArn('event-bus/default') });
  });

  it('creates, describes, lists with paging, and deletes', async () => {
    const list = (NextToken?: string) =>
      rig.client.send(new ListEventBusesCommand({ NamePrefix: SHOP, Limit: 1, NextToken }));
    await rig.client.send(new CreateEventBusCommand({ Name: SHOP, Description: 'orders and such' }));
    await rig.client.send(new CreateEventBusCommand({ Name: `${SHOP}-2` }));

    const described = await rig.client.send(new DescribeEventBusCommand({ Name: SHOP }));
    const first = await list();
    const second = await list(first.NextToken);
    await rig.client.send(new DeleteEventBusCommand({ Name: SHOP }));
    const left = await list();

    expect(described).toMatchObject({
      Name: SHOP,
      Arn: eventsArn(`event-bus/${SHOP}`),
      Description: 'orders and such',
      CreationTime: expect.any(Date),
    });
    expect(first.EventBuses?.map((bus) => bus.Name)).toEqual([SHOP]);
    expect(second.EventBuses?.map((bus) => bus.Name)).toEqual([`${SHOP}-2`]);
    expect(second.NextToken).toBeUndefined();
    expect(left.EventBuses?.map((bus) => bus.Name)).toEqual([`${SHOP}-2`]);
  });

  it('dates a bus, and lists the default one first', async () => {
    rig.clock.advance(1_000);
    await rig.client.send(new CreateEventBusCommand({ Name: SHOP }));

    const { EventBuses: buses = [] } = await rig.client.send(new ListEventBusesCommand({}));

    expect(buses.map((bus) => bus.Name)).toEqual(['default', 'shop']);
    expect(buses[1]?.CreationTime).toEqual(new Date('2026-11-20T06:00:01Z'));
  });

  it('refuses a duplicate bus, an invalid or unknown name, and deleting the default bus or one with rules', async () => {
    await createShop();

    await expect(rig.client.send(new CreateEventBusCommand({ Name: SHOP }))).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
      message: `Event bus ${SHOP} already exists.`,
    });
    await expect(rig.client.send(new CreateEventBusCommand({ Name: 'sh op' }))).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value 'sh op' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [/.\\-_A-Za-z0-9]+",
    });
    await expect(rig.client.send(new DescribeEventBusCommand({ Name: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Event bus none does not exist.',
    });
    await expect(rig.client.send(new DeleteEventBusCommand({ Name: 'default' }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(rig.client.send(new DeleteEventBusCommand({ Name: SHOP }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('keeps tags', async () => {
    const { EventBusArn: arn } = await rig.client.send(
      new CreateEventBusCommand({ Name: SHOP, Tags: [{ Key: 'team', Value: 'a' }] }),
    );
    await rig.client.send(new TagResourceCommand({ ResourceARN: arn, Tags: [{ Key: 'env', Value: 'dev' }] }));
    await rig.client.send(new UntagResourceCommand({ ResourceARN: arn, TagKeys: ['team'] }));

    const { Tags: tags } = await rig.client.send(new ListTagsForResourceCommand({ ResourceARN: arn }));

    expect(tags).toEqual([{ Key: 'env', Value: 'dev' }]);
  });
});

describe('rules', () => {
  it('are put, described, listed and deleted', async () => {
    await createShop();
    const described = await rig.client.send(new DescribeRuleCommand({ Name: 'r', EventBusName: SHOP }));
    const listed = await rig.client.send(new ListRulesCommand({ EventBusName: SHOP, NamePrefix: 'r' }));
    await rig.client.send(new DeleteRuleCommand({ Name: 'r', EventBusName: SHOP }));
    const left = await rig.client.send(new ListRulesCommand({ EventBusName: SHOP }));

    expect(described).toMatchObject({
      Name: 'r',
      Arn: eventsArn(`rule/${SHOP}/r`),
      EventPattern: '{"source":["orders"]}',
      State: 'ENABLED',
      EventBusName: SHOP,
    });
    expect(listed.Rules?.map((rule) => rule.Name)).toEqual(['r']);
    expect(left.Rules).toEqual([]);
  });

  it('send nothing while disabled', async () => {
    await createShop();
    await putTarget({});

    await rig.client.send(new DisableRuleCommand({ Name: 'r', EventBusName: SHOP }));
    await putEvent();
    const whileDisabled = rig.delivered.length;
    await rig.client.send(new EnableRuleCommand({ Name: 'r', EventBusName: SHOP }));
    await putEvent();

    expect(whileDisabled).toBe(0);
    expect(rig.delivered).toHaveLength(1);
  });

  it('keep their targets when put again', async () => {
    await createShop();
    await putTarget({});

    await putRule('{"source":["payments"]}');
    await putEvent();

    const { Targets: targets } = await rig.client.send(new ListTargetsByRuleCommand(RULE));
    expect(targets).toEqual([{ Id: 't', Arn: queueArn('q') }]);
    expect(rig.delivered).toEqual([]);
  });

  it('refuses an invalid pattern, none at all, an unknown bus and one that has targets', async () => {
    await createShop();
    await putTarget({});
    const putOther = (more: object) => rig.client.send(new PutRuleCommand({ Name: 'x', EventBusName: SHOP, ...more }));

    await expect(putOther({ EventPattern: '{"source":"orders"}' })).rejects.toMatchObject({
      name: 'InvalidEventPatternException',
      message: 'Event pattern is not valid. Reason: "source" must be an object or an array\n at source',
    });
    await expect(putOther({})).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Parameter(s) EventPattern or ScheduleExpression must be specified.',
    });
    await expect(putOther({ EventPattern: `{"a":["${'x'.repeat(2_040)}"]}` })).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
    await expect(putOther({ EventPattern: '{"a":[1]}', EventBusName: 'none' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(putOther({ EventPattern: '{"a":[1]}', State: 'ON' })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(rig.client.send(new DeleteRuleCommand({ Name: 'r', EventBusName: SHOP }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: "Rule can't be deleted since it has targets.",
    });
  });

  it('match every documented operator, as TestEventPattern says', async () => {
    const event = JSON.stringify({
      id: '1',
      account: '111122223333',
      source: 'orders',
      time: '2026-11-20T06:00:00Z',
      region: 'eu-central-1',
      resources: ['arn:aws:a'],
      'detail-type': 'order.placed',
      detail: { state: 'Open', total: 12.5, ip: '10.0.0.7', file: 'dir/a.png', note: null },
    });
    const test = async (detail: object) => {
      const { Result } = await rig.client.send(
        new TestEventPatternCommand({ Event: event, EventPattern: JSON.stringify({ detail }) }),
      );
      return Result;
    };

    expect(await test({ state: [{ 'equals-ignore-case': 'open' }], note: [null], none: [{ exists: false }] })).toBe(
      true,
    );
    expect(await test({ total: [{ numeric: ['>', 12, '<=', 12.5] }], ip: [{ cidr: '10.0.0.0/8' }] })).toBe(true);
    expect(await test({ file: [{ wildcard: 'dir/*.png' }], state: [{ 'anything-but': { prefix: 'C' } }] })).toBe(true);
    expect(await test({ $or: [{ state: ['Closed'] }, { file: [{ suffix: '.png' }] }] })).toBe(true);
    expect(await test({ state: [{ prefix: 'open' }] })).toBe(false);
    expect(await test({ total: ['12.5'] })).toBe(false);
  });

  it('refuses to test a pattern on an incomplete event', async () => {
    const test = (event: string) =>
      rig.client.send(new TestEventPatternCommand({ Event: event, EventPattern: '{"a":[1]}' }));

    await expect(test('{"id":"1"}')).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Parameter Event is not valid. Reason: Event lacks account, source, time, region, detail-type.',
    });
    await expect(test('nope')).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('targets', () => {
  beforeEach(createShop);

  it('are put, replaced by id, listed and removed, with unknown ids reported', async () => {
    await putTarget({});
    await putTarget({ Arn: queueArn('other'), InputPath: '$.detail' });
    const { Targets: targets } = await rig.client.send(new ListTargetsByRuleCommand(RULE));

    const removed = await rig.client.send(new RemoveTargetsCommand({ ...RULE, Ids: ['t', 'unknown'] }));
    await putEvent();

    expect(targets).toEqual([{ Id: 't', Arn: queueArn('other'), InputPath: '$.detail' }]);
    expect(removed.FailedEntries).toEqual([
      {
        TargetId: 'unknown',
        ErrorCode: 'ResourceNotFoundException',
        ErrorMessage: 'Rule r does not have a target with the Id unknown.',
      },
    ]);
    expect(rig.delivered).toEqual([]);
  });

  it.each<[string, Partial<Target>, string]>([
    [
      'a FIFO dead-letter queue',
      { DeadLetterConfig: { Arn: queueArn('dlq.fifo') } },
      'SQS FIFO is not supported by Dead Letter Queues',
    ],
    [
      'a dead-letter topic',
      { DeadLetterConfig: { Arn: 'arn:aws:sns:eu-central-1:111122223333:t' } },
      'sns is not supported as a dead letter resource',
    ],
    [
      'a FIFO queue without a group',
      { Arn: queueArn('q.fifo') },
      'Parameter(s) SqsParameters must be specified for target: t.',
    ],
    [
      'a group over 100 characters',
      { SqsParameters: { MessageGroupId: 'g'.repeat(101) } },
      'Parameter MessageGroupId of target t is not valid: it has 101 characters, allowed are 1 to 100.',
    ],
    ['no ARN', { Arn: 'queue' }, 'Parameter queue is not valid. Reason: Provided Arn is not in correct format.'],
    [
      'a service that the run does not know',
      { Arn: 'arn:aws:kinesis:eu-central-1:111122223333:stream/s' },
      "Target t is a resource of 'kinesis', to which the local run does not deliver; it knows sqs, lambda, events.",
    ],
    [
      'a member that the run does not know',
      { KinesisParameters: { PartitionKeyPath: '$.id' } },
      'KinesisParameters of target t is not part of the local run, which knows Id, Arn, RoleArn, Input, InputPath, InputTransformer, SqsParameters, DeadLetterConfig, RetryPolicy.',
    ],
    [
      'two kinds of input',
      { Input: '{}', InputPath: '$.detail' },
      'Only one of Input, InputPath, or InputTransformer must be provided for target t.',
    ],
    ['an input that is no JSON', { Input: '{' }, 'JSON syntax error in Input for target t.'],
    [
      'an input path that is no path',
      { InputPath: 'detail' },
      "Invalid InputPath for target t : 'detail' is not a JSON path; allowed are $, dots with names of letters, digits, - _ /, array indexes such as [0], and *.",
    ],
    [
      'an unknown placeholder',
      { InputTransformer: { InputPathsMap: { a: '$.id' }, InputTemplate: '"<b>"' } },
      'InputTemplate for target t contains invalid placeholder b.',
    ],
    [
      'a reserved variable',
      { InputTransformer: { InputPathsMap: { awsId: '$.id' }, InputTemplate: '"<awsId>"' } },
      "Invalid InputTransformer for target t : variable 'awsId' starts with 'AWS', which is reserved.",
    ],
    [
      'too many retries',
      { RetryPolicy: { MaximumRetryAttempts: 186 } },
      "1 validation error detected: Value '186' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 185",
    ],
  ])('refuses %s', async (_what, target, message) => {
    await expect(putTarget(target)).rejects.toMatchObject({ name: 'ValidationException', message });
  });

  it('refuses a sixth one, and any for an unknown rule', async () => {
    const targets = Array.from({ length: 6 }, (_, index) => ({ Id: `t${index}`, Arn: queueArn('q') }));

    await expect(rig.client.send(new PutTargetsCommand({ ...RULE, Targets: targets }))).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
    await expect(
      rig.client.send(new PutTargetsCommand({ ...RULE, Rule: 'none', Targets: targets })),
    ).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Rule none does not exist on EventBus ${SHOP}.`,
    });
  });
});

it('refuses an operation that the run does not know, by name', async () => {
  await expect(rig.engine.service.handle('CreateConnection', {}, { kind: 'user' })).rejects.toMatchObject({
    code: 'UnknownOperationException',
    message: expect.stringContaining(
      'CreateConnection of EventBridge is not part of the local run; it has CreateEventBus',
    ),
  });
});
