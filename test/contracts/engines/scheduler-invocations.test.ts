import { GetScheduleCommand } from '@aws-sdk/client-scheduler';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../local/endpoint/aws-error.ts';
import { openSchedulerRig, QUEUE_TARGET } from './scheduler-rig.ts';

const throttled = () => new AwsError('ThrottlingException', 'Rate exceeded', { statusCode: 429 });
const DeadLetterConfig = { Arn: 'arn:aws:sqs:eu-central-1:111122223333:undeliverable' };

describe('EventBridge Scheduler over time', () => {
  it('invokes the target of a one-time schedule once, and keeps the schedule', async () => {
    await using rig = await openSchedulerRig();
    await rig.create('at(2026-11-20T06:02:00)');

    await rig.pass(10);

    expect(rig.invoked).toEqual(['06:02:00 tick']);
    await expect(rig.client.send(new GetScheduleCommand({ Name: 'tick' }))).resolves.toMatchObject({ Name: 'tick' });
  });

  it('deletes a schedule that is complete, when asked', async () => {
    await using rig = await openSchedulerRig();
    await rig.create('at(2026-11-20T06:02:00)', { ActionAfterCompletion: 'DELETE' });

    await rig.pass(1);
    const before = await rig.client.send(new GetScheduleCommand({ Name: 'tick' }));
    await rig.pass(2);

    expect(before.Name).toBe('tick');
    const after = rig.client.send(new GetScheduleCommand({ Name: 'tick' }));
    await expect(after).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('invokes at a rate from the moment of creation', async () => {
    await using rig = await openSchedulerRig();

    await rig.create('rate(2 minutes)');
    await rig.pass(5);

    expect(rig.invoked).toEqual(['06:00:00 tick', '06:02:00 tick', '06:04:00 tick']);
  });

  it('invokes at a rate between the start and the end date', async () => {
    await using rig = await openSchedulerRig();

    await rig.create('rate(2 minutes)', {
      StartDate: new Date('2026-11-20T06:01:00Z'),
      EndDate: new Date('2026-11-20T06:05:00Z'),
    });
    await rig.pass(10);

    expect(rig.invoked).toEqual(['06:01:00 tick', '06:03:00 tick', '06:05:00 tick']);
  });

  it('invokes by cron in the time zone of the schedule', async () => {
    await using rig = await openSchedulerRig();

    await rig.create('cron(2/2 7 * * ? *)', { ScheduleExpressionTimezone: 'Europe/Berlin' });
    await rig.pass(5);

    expect(rig.invoked).toEqual(['06:02:00 tick', '06:04:00 tick']);
  });

  it('invokes nothing while it is disabled', async () => {
    await using rig = await openSchedulerRig();

    await rig.create('rate(1 minute)', { State: 'DISABLED' });
    await rig.pass(3);

    expect(rig.invoked).toEqual([]);
  });

  it('fires at the start of a flexible window, and says so', async () => {
    await using rig = await openSchedulerRig();

    await rig.create('at(2026-11-20T06:02:00)', {
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
    });
    await rig.pass(2);

    expect(rig.invoked).toEqual(['06:02:00 tick']);
    expect(rig.logged).toEqual(['info a flexible schedule fires at the start of its window']);
  });

  it('fills in the context attributes', async () => {
    await using rig = await openSchedulerRig();
    const Input =
      '<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.execution-id> <aws.scheduler.attempt-number> <aws.scheduler.else>';

    await rig.create('at(2026-11-20T06:01:00)', { Target: { ...QUEUE_TARGET, Input } });
    await rig.pass(1);

    expect(rig.requests[0]?.input).toBe(
      'arn:aws:scheduler:eu-central-1:111122223333:schedule/default/tick 2026-11-20T06:01:00Z 00000000-0000-4000-8000-000000000001 1 <aws.scheduler.else>',
    );
  });

  it('sends a notification to a target that has no input of its own', async () => {
    await using rig = await openSchedulerRig();
    const { Input: _, ...Target } = QUEUE_TARGET;

    await rig.create('at(2026-11-20T06:01:00)', { Target });
    await rig.pass(1);

    expect(JSON.parse(rig.requests[0]?.input ?? '')).toEqual({
      version: '0',
      id: '00000000-0000-4000-8000-000000000001',
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account: '111122223333',
      time: '2026-11-20T06:01:00Z',
      region: 'eu-central-1',
      resources: ['arn:aws:scheduler:eu-central-1:111122223333:schedule/default/tick'],
      detail: '{}',
    });
  });

  it('retries a throttled target', async () => {
    await using rig = await openSchedulerRig();
    let attempts = 0;
    rig.onAttempt = () => {
      if (++attempts < 3) throw throttled();
    };

    await rig.create('at(2026-11-20T06:01:00)', {
      Target: { ...QUEUE_TARGET, Input: 'attempt <aws.scheduler.attempt-number>' },
    });
    await rig.pass(1);
    const underWay = rig.engine.pendingInvocations();
    await rig.pass(2);

    expect(underWay).toBe(1);
    expect(rig.requests.map(({ input }) => input)).toEqual(['attempt 3']);
    expect(rig.engine.pendingInvocations()).toBe(0);
  });

  it('sends an input whose retries are used up to the dead-letter queue', async () => {
    await using rig = await openSchedulerRig();
    rig.onAttempt = () => {
      throw throttled();
    };

    await rig.create('at(2026-11-20T06:01:00)', {
      Target: { ...QUEUE_TARGET, DeadLetterConfig, RetryPolicy: { MaximumRetryAttempts: 2 } },
    });
    await rig.pass(3);

    expect(rig.deadLetters).toEqual([
      {
        queueArn: DeadLetterConfig.Arn,
        input: 'tick',
        attributes: {
          ERROR_CODE: 'THROTTLING',
          ERROR_MESSAGE: 'ThrottlingException: Rate exceeded',
          EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
          IS_PAYLOAD_TRUNCATED: 'false',
          RETRY_ATTEMPTS: '2',
          SCHEDULED_TIME: '2026-11-20T06:01:00Z',
          SCHEDULE_ARN: 'arn:aws:scheduler:eu-central-1:111122223333:schedule/default/tick',
          TARGET_ARN: QUEUE_TARGET.Arn,
        },
      },
    ]);
    expect(rig.engine.pendingInvocations()).toBe(0);
  });

  it('gives up an input that has become too old', async () => {
    await using rig = await openSchedulerRig();
    rig.onAttempt = () => {
      throw throttled();
    };

    await rig.create('at(2026-11-20T06:01:00)', {
      Target: { ...QUEUE_TARGET, DeadLetterConfig, RetryPolicy: { MaximumEventAgeInSeconds: 60 } },
    });
    await rig.pass(3);

    expect(rig.deadLetters).toMatchObject([{ attributes: { EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' } }]);
  });

  it('does not retry if access is denied', async () => {
    await using rig = await openSchedulerRig();
    let attempts = 0;
    rig.onAttempt = () => {
      attempts++;
      throw new AwsError('AccessDenied', 'no', { statusCode: 403 });
    };

    await rig.create('at(2026-11-20T06:01:00)', { Target: { ...QUEUE_TARGET, DeadLetterConfig } });
    await rig.pass(5);

    expect(attempts).toBe(1);
    expect(rig.deadLetters).toMatchObject([{ attributes: { ERROR_CODE: 'NO_PERMISSIONS', RETRY_ATTEMPTS: '0' } }]);
  });

  it.each([
    [undefined, 'error a target could not be invoked, and has no dead-letter queue'],
    [
      'arn:aws:sqs:eu-central-1:111122223333:gone',
      'error an input reached neither its target nor the dead-letter queue',
    ],
  ])('reports what is lost when the dead-letter queue is %s', async (Arn, message) => {
    await using rig = await openSchedulerRig();
    rig.onAttempt = () => {
      throw new AwsError('QueueDoesNotExist', 'no such queue');
    };

    await rig.create('at(2026-11-20T06:01:00)', {
      Target: { ...QUEUE_TARGET, ...(Arn === undefined ? {} : { DeadLetterConfig: { Arn } }) },
    });
    await rig.pass(2);

    expect(rig.logged).toEqual([message]);
  });
});
