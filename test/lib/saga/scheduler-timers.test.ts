import { Readable } from 'node:stream';
import { ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createSchedulerTimers,
  type RunningTimer,
  readTimerMessage,
  type SagaTimers,
  timerName,
} from '../../../lib/saga/index.ts';
import { openSchedulerRig, type SchedulerRig } from '../../contracts/engines/scheduler-rig.ts';

/** 06:15 of the rig's day. */
const DUE = Date.UTC(2026, 10, 20, 6, 15) / 1000;

const timer: RunningTimer = {
  saga: 'trip',
  sagaId: '7',
  group: 'trip#7',
  step: 'flight',
  kind: 'step',
  attempt: 1,
  dueAtSeconds: DUE,
  tenantId: 'acme',
  correlationId: 'request-7',
};

const NEVER = new AbortController().signal;

const TARGETS = {
  queueArn: 'arn:aws:sqs:eu-central-1:111122223333:timers',
  deadLetterQueueArn: 'arn:aws:sqs:eu-central-1:111122223333:timers-dead',
  roleArn: 'arn:aws:iam::111122223333:role/scheduler',
};

let rig: SchedulerRig;
let timers: SagaTimers;

beforeEach(async () => {
  rig = await openSchedulerRig();
  timers = createSchedulerTimers({ ...TARGETS, client: rig.client, scheduleGroupName: 'default' });
});

afterEach(() => rig[Symbol.asyncDispose]());

/** The service's next answer, as it travels. */
const answerWith = (statusCode: number, name: string) =>
  rig.client.middlewareStack.add(
    () => async () => ({
      response: {
        statusCode,
        headers: { 'x-amzn-errortype': name },
        body: Readable.from([JSON.stringify({ Message: 'no' })]),
      },
      output: { $metadata: {} },
    }),
    { step: 'deserialize', priority: 'low' },
  );

const schedules = async () => (await rig.client.send(new ListSchedulesCommand({}))).Schedules ?? [];

describe('timers of EventBridge Scheduler', () => {
  it('fire once, at their time, with everything that identifies their saga, and delete themselves', async () => {
    await timers.start(timer, NEVER);

    await rig.pass(14);
    const early = rig.invoked.length;
    await rig.pass(2);

    expect(early).toBe(0);
    expect(rig.requests.map(({ input }) => JSON.parse(input))).toStrictEqual([timer]);
    expect(await schedules()).toStrictEqual([]);
  });

  it('fire unchanged if an instance id looks like a placeholder of the Scheduler', async () => {
    const hostile = {
      ...timer,
      sagaId: '<aws.scheduler.attempt-number>"}',
      group: 'trip#<aws.scheduler.execution-id>',
    };
    await timers.start(hostile, NEVER);

    await rig.pass(16);

    expect(rig.requests.map(({ input }) => readTimerMessage(input))).toStrictEqual([hostile]);
  });

  it('can be started twice', async () => {
    await timers.start(timer, NEVER);
    await timers.start(timer, NEVER);

    expect(await schedules()).toHaveLength(1);
  });

  it('can be stopped, also twice, and after they have fired', async () => {
    await timers.start(timer, NEVER);
    await timers.stop(timer);
    await timers.stop(timer);
    await rig.pass(20);

    expect(rig.invoked).toStrictEqual([]);
  });

  it.each([
    ['throttling', 'ThrottlingException', 429],
    ['too many schedules', 'ServiceQuotaExceededException', 402],
    ['a fault of the service', 'InternalServerException', 500],
  ])('defer the event for %s, so that an outage causes no dead letters', async (_, name, statusCode) => {
    answerWith(statusCode, name);

    await expect(timers.start(timer, NEVER)).rejects.toMatchObject({
      code: 'SAGA_TIMERS_UNAVAILABLE',
      disposition: 'defer',
      retryAfterSeconds: 15,
    });
  });

  it('defer the event if the connection is refused', async () => {
    rig.client.middlewareStack.add(
      () => async () => {
        throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      },
      { step: 'initialize' },
    );

    await expect(timers.start(timer, NEVER)).rejects.toMatchObject({ code: 'SAGA_TIMERS_UNAVAILABLE' });
  });

  it('fail the event if the request is invalid', async () => {
    answerWith(400, 'ValidationException');

    await expect(timers.start(timer, NEVER)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('fail a stop for any error except a missing schedule', async () => {
    answerWith(500, 'InternalServerException');

    await expect(timers.stop(timer)).rejects.toMatchObject({ name: 'InternalServerException' });
  });

  it('are not started if the invocation is about to end', async () => {
    await expect(timers.start(timer, AbortSignal.abort())).rejects.toMatchObject({ code: 'SAGA_TIMERS_UNAVAILABLE' });

    expect(await schedules()).toStrictEqual([]);
  });

  it('are one-time schedules of their own group, in UTC, whatever the account’s defaults are', async () => {
    const client = new SchedulerClient({ region: 'eu-central-1' });
    const calls = mockClient(client).resolves({});
    const own = createSchedulerTimers({ ...TARGETS, client, scheduleGroupName: 'trip-timers' });

    await own.start(timer, NEVER);
    await own.stop(timer);

    const name = timerName(timer);
    expect(calls.calls().map(({ args: [{ input }] }) => input)).toStrictEqual([
      {
        Name: name,
        GroupName: 'trip-timers',
        ScheduleExpression: 'at(2026-11-20T06:15:00)',
        ScheduleExpressionTimezone: 'UTC',
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'DELETE',
        Target: {
          Arn: 'arn:aws:sqs:eu-central-1:111122223333:timers',
          RoleArn: 'arn:aws:iam::111122223333:role/scheduler',
          Input: JSON.stringify(timer),
          DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-central-1:111122223333:timers-dead' },
        },
      },
      { Name: name, GroupName: 'trip-timers' },
    ]);
  });

  it('are sent to the dead-letter queue if their target is deleted', async () => {
    rig.onAttempt = () => {
      throw Object.assign(new Error('no such queue'), {
        code: 'AWS.SimpleQueueService.NonExistentQueue',
        statusCode: 400,
      });
    };
    await timers.start(timer, NEVER);

    await rig.pass(26 * 60);

    expect(rig.deadLetters.map(({ queueArn }) => queueArn)).toStrictEqual([
      'arn:aws:sqs:eu-central-1:111122223333:timers-dead',
    ]);
  });
});

describe('the name of a timer', () => {
  it('is within the limits of the Scheduler, regardless of the length of its parts', () => {
    const name = timerName({ ...timer, sagaId: 'ü'.repeat(200), step: 's'.repeat(40), attempt: 100 });

    expect(name).toMatch(/^[0-9A-Za-z_.-]{1,64}$/);
  });

  it('is distinct for each tenant, saga, instance, step, kind, attempt and time', () => {
    const others: readonly RunningTimer[] = [
      { ...timer, tenantId: 'bolt' },
      { ...timer, tenantId: undefined },
      { ...timer, saga: 'tour' },
      { ...timer, sagaId: '8' },
      { ...timer, step: 'hotel' },
      { ...timer, kind: 'compensation' },
      { ...timer, attempt: 2 },
      { ...timer, dueAtSeconds: DUE + 1 },
    ];

    expect(new Set([timer, ...others].map(timerName)).size).toBe(9);
  });
});
