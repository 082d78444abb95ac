import {
  CreateArchiveCommand,
  CreateEventBusCommand,
  DeleteArchiveCommand,
  DescribeArchiveCommand,
  DescribeReplayCommand,
  DisableRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  StartReplayCommand,
  type StartReplayRequest,
  UpdateArchiveCommand,
} from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  ARCHIVE,
  type EventBridgeRig,
  eventsArn,
  nameOf,
  openEventBridgeRig,
  queueArn,
  SHOP,
} from './eventbridge-rig.ts';

let rig: EventBridgeRig;

const SHOP_ARN = eventsArn(`event-bus/${SHOP}`);
const ARCHIVE_ARN = eventsArn(`archive/${ARCHIVE}`);
const REPLAY = nameOf('again');
const TICK = nameOf('tick');
const MINUTE_MS = 60_000;

const addRule = async (name: string, EventBusName: string, trigger: object) => {
  await rig.client.send(new PutRuleCommand({ Name: name, EventBusName, ...trigger }));
  await rig.client.send(
    new PutTargetsCommand({ Rule: name, EventBusName, Targets: [{ Id: 't', Arn: queueArn(name) }] }),
  );
};

const put = async (n: number, Time?: Date) => {
  const Detail = `{"n":${n}}`;
  await rig.client.send(
    new PutEventsCommand({ Entries: [{ EventBusName: SHOP, Source: 'orders', DetailType: 'x', Detail, Time }] }),
  );
  await rig.settle();
};

const advance = async (ms: number) => {
  rig.clock.advance(ms);
  await rig.settle();
};

const takeDelivered = () =>
  rig.delivered.splice(0).map(({ targetArn, input }) => ({ targetArn, event: JSON.parse(input) }));

beforeEach(async () => {
  rig = await openEventBridgeRig();
});

describe('archives and replays', () => {
  beforeEach(async () => {
    await rig.client.send(new CreateEventBusCommand({ Name: SHOP }));
    await rig.client.send(
      new CreateArchiveCommand({
        ArchiveName: ARCHIVE,
        EventSourceArn: SHOP_ARN,
        EventPattern: '{"source":["orders"]}',
        RetentionDays: 7,
      }),
    );
    await addRule('one', SHOP, { EventPattern: '{"source":["orders"]}' });
    await addRule('two', SHOP, { EventPattern: '{"source":["orders"]}' });
    await addRule('noreplay', SHOP, { EventPattern: '{"replay-name":[{"exists":false}]}' });
  });

  const replay = (more: Partial<StartReplayRequest> = {}) =>
    rig.client.send(
      new StartReplayCommand({
        ReplayName: REPLAY,
        EventSourceArn: ARCHIVE_ARN,
        EventStartTime: new Date('2026-11-20T00:00:00Z'),
        EventEndTime: new Date('2026-11-21T00:00:00Z'),
        Destination: { Arn: SHOP_ARN },
        ...more,
      }),
    );

  it('count what matches, until its retention ends', async () => {
    await put(1);
    await rig.client.send(
      new PutEventsCommand({ Entries: [{ EventBusName: SHOP, Source: 'other', DetailType: 'x', Detail: '{}' }] }),
    );
    const fresh = await rig.client.send(new DescribeArchiveCommand({ ArchiveName: ARCHIVE }));
    await advance(8 * 24 * 60 * MINUTE_MS);
    const old = await rig.client.send(new DescribeArchiveCommand({ ArchiveName: ARCHIVE }));

    expect(fresh).toMatchObject({
      ArchiveArn: ARCHIVE_ARN,
      ArchiveName: ARCHIVE,
      EventSourceArn: SHOP_ARN,
      State: 'ENABLED',
      RetentionDays: 7,
      EventCount: 1,
      SizeBytes: 206,
    });
    expect(old.EventCount).toBe(0);
  });

  it('replay the same events with the name of the replay, and do not archive them again', async () => {
    await put(1);
    const [first] = takeDelivered();

    await replay();
    await rig.settle();

    const replayed = takeDelivered();
    expect(replayed.map(({ targetArn }) => targetArn)).toEqual([queueArn('one'), queueArn('two')]);
    expect(replayed[0]?.event).toEqual({ ...first?.event, 'replay-name': REPLAY });
    const archive = await rig.client.send(new DescribeArchiveCommand({ ArchiveName: ARCHIVE }));
    expect(archive.EventCount).toBe(1);
  });

  it('replay to named rules only', async () => {
    await put(1);
    takeDelivered();

    await replay({
      Destination: { Arn: SHOP_ARN, FilterArns: [eventsArn(`rule/${SHOP}/two`)] },
    });
    await rig.settle();

    expect(takeDelivered().map(({ targetArn }) => targetArn)).toEqual([queueArn('two')]);
  });

  it('replay by the time of the events, and report when they are complete', async () => {
    await put(3, new Date('2026-11-20T05:03:00Z'));
    await put(1, new Date('2026-11-20T05:01:00Z'));
    await put(0, new Date('2026-11-20T04:59:00Z'));
    await put(2, new Date('2026-11-20T05:02:00Z'));
    takeDelivered();

    const started = await replay({
      EventStartTime: new Date('2026-11-20T05:00:00Z'),
      EventEndTime: new Date('2026-11-20T05:02:00Z'),
    });
    await rig.settle();

    const described = await rig.client.send(new DescribeReplayCommand({ ReplayName: REPLAY }));
    expect(started).toMatchObject({ State: 'STARTING', ReplayStartTime: new Date('2026-11-20T06:00:00Z') });
    expect(takeDelivered().map(({ event }) => event.detail.n)).toEqual([1, 1, 2, 2]);
    expect(described).toMatchObject({
      ReplayName: REPLAY,
      State: 'COMPLETED',
      EventSourceArn: ARCHIVE_ARN,
      EventLastReplayedTime: new Date('2026-11-20T05:02:00Z'),
      ReplayEndTime: new Date('2026-11-20T06:00:00Z'),
    });
    expect(rig.engine.pendingDeliveries()).toBe(0);
  });

  it('refuses a duplicate replay, an unknown archive, another bus or rule, and an empty time range', async () => {
    await replay();

    await expect(replay()).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
      message: `Replay ${REPLAY} already exists.`,
    });
    await expect(replay({ ReplayName: nameOf('b'), EventSourceArn: `${ARCHIVE_ARN}2` })).rejects.toMatchObject({
      name: 'ValidationException',
      message: `Parameter EventSourceArn is not valid. Reason: Archive ${ARCHIVE}2 does not exist.`,
    });
    await expect(replay({ ReplayName: nameOf('b'), Destination: { Arn: `${SHOP_ARN}2` } })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Event bus ${SHOP}2 does not exist.`,
    });
    const defaultArn = SHOP_ARN.slice(0, -SHOP.length).concat('default');
    await expect(replay({ ReplayName: nameOf('b'), Destination: { Arn: defaultArn } })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.',
    });
    await expect(
      replay({ ReplayName: nameOf('b'), Destination: { Arn: SHOP_ARN, FilterArns: ['arn:none'] } }),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(
      replay({ ReplayName: nameOf('b'), EventEndTime: new Date('2026-11-20T00:00:00Z') }),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.',
    });
    await expect(rig.client.send(new DescribeReplayCommand({ ReplayName: nameOf('b') }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('changes which later events an archive stores, and keeps the events that it holds', async () => {
    const before = await rig.client.send(new DescribeArchiveCommand({ ArchiveName: ARCHIVE }));

    await rig.client.send(new UpdateArchiveCommand({ ArchiveName: ARCHIVE, RetentionDays: 7 }));

    expect(await rig.client.send(new DescribeArchiveCommand({ ArchiveName: ARCHIVE }))).toMatchObject({
      EventSourceArn: before.EventSourceArn,
      EventPattern: before.EventPattern,
      EventCount: before.EventCount,
      RetentionDays: 7,
    });
    await expect(
      rig.client.send(new UpdateArchiveCommand({ ArchiveName: nameOf('none'), RetentionDays: 7 })),
    ).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('refuses a duplicate archive and an unknown bus, and a deleted archive stores no more events', async () => {
    const create = (ArchiveName: string, EventSourceArn: string) =>
      rig.client.send(new CreateArchiveCommand({ ArchiveName, EventSourceArn }));

    await expect(create(ARCHIVE, SHOP_ARN)).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
      message: `Archive ${ARCHIVE} already exists.`,
    });
    await expect(create(nameOf('b'), `${SHOP_ARN}2`)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await rig.client.send(new DeleteArchiveCommand({ ArchiveName: ARCHIVE }));
    await expect(rig.client.send(new DescribeArchiveCommand({ ArchiveName: ARCHIVE }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('schedules', () => {
  it('send the Scheduled Event each time the rate has passed', async () => {
    await addRule(TICK, 'default', { ScheduleExpression: 'rate(5 minutes)' });

    await advance(5 * MINUTE_MS - 1);
    const early = takeDelivered();
    await advance(1);

    expect(early).toEqual([]);
    expect(takeDelivered()).toEqual([
      {
        targetArn: queueArn(TICK),
        event: {
          version: '0',
          id: '00000000-0000-4000-8000-000000000001',
          'detail-type': 'Scheduled Event',
          source: 'aws.events',
          account: '111122223333',
          time: '2026-11-20T06:05:00Z',
          region: 'eu-central-1',
          resources: ['arn:aws:events:eu-central-1:111122223333:rule/tick'],
          detail: {},
        },
      },
    ]);
  });

  it('skip no scheduled time when the clock jumps', async () => {
    await addRule(TICK, 'default', { ScheduleExpression: 'rate(1 hour)' });

    await advance(3 * 60 * MINUTE_MS);

    expect(takeDelivered().map(({ event }) => event.time)).toEqual([
      '2026-11-20T07:00:00Z',
      '2026-11-20T08:00:00Z',
      '2026-11-20T09:00:00Z',
    ]);
  });

  it('follow cron expressions, in UTC', async () => {
    await addRule(TICK, 'default', { ScheduleExpression: 'cron(30 6 ? * MON-FRI *)' });

    await advance(4 * 24 * 60 * MINUTE_MS);

    expect(takeDelivered().map(({ event }) => event.time)).toEqual(['2026-11-20T06:30:00Z', '2026-11-23T06:30:00Z']);
  });

  it('send nothing while the rule is disabled', async () => {
    await addRule(TICK, 'default', { ScheduleExpression: 'rate(1 minute)' });
    await rig.client.send(new DisableRuleCommand({ Name: TICK }));

    await advance(10 * MINUTE_MS);

    expect(takeDelivered()).toEqual([]);
  });

  it.each(['rate(1 minutes)', 'rate(5 minute)', 'rate(0 minutes)', 'rate(2 weeks)', 'every day', 'cron(0 8 * * *)'])(
    'refuses %s',
    async (ScheduleExpression) => {
      await expect(
        rig.client.send(new PutRuleCommand({ Name: nameOf('x'), ScheduleExpression })),
      ).rejects.toMatchObject({
        name: 'ValidationException',
        message: expect.stringContaining(`Parameter ScheduleExpression is not valid: '${ScheduleExpression}'`),
      });
    },
  );

  it('refuses a schedule on a custom bus', async () => {
    await rig.client.send(new CreateEventBusCommand({ Name: SHOP }));

    await expect(addRule('x', SHOP, { ScheduleExpression: 'rate(1 hour)' })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'ScheduleExpression is supported only on the default event bus.',
    });
  });
});
