import {
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  ListTagsForResourceCommand,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { describe, expect, it } from 'vitest';
import { openSchedulerRig, QUEUE_TARGET, type SchedulerRig } from './scheduler-rig.ts';

const ARN = 'arn:aws:scheduler:eu-central-1:111122223333';

const update = (rig: SchedulerRig, ScheduleExpression: string, more: object = {}) =>
  rig.client.send(
    new UpdateScheduleCommand({
      Name: 'tick',
      ScheduleExpression,
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: QUEUE_TARGET,
      ...more,
    }),
  );

describe('schedules of EventBridge Scheduler over the wire', () => {
  it('are returned as they were created', async () => {
    await using rig = await openSchedulerRig();

    const arn = await rig.create('cron(0 8 * * ? *)', {
      Description: 'every morning',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      EndDate: new Date('2027-01-01T00:00:00Z'),
      State: 'DISABLED',
    });

    expect(arn).toBe(`${ARN}:schedule/default/tick`);
    const got = await rig.client.send(new GetScheduleCommand({ Name: 'tick' }));
    expect(got).toMatchObject({
      Arn: arn,
      Name: 'tick',
      GroupName: 'default',
      Description: 'every morning',
      ScheduleExpression: 'cron(0 8 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      EndDate: new Date('2027-01-01T00:00:00Z'),
      State: 'DISABLED',
      ActionAfterCompletion: 'NONE',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: QUEUE_TARGET,
      CreationDate: new Date('2026-11-20T06:00:00Z'),
      LastModificationDate: new Date('2026-11-20T06:00:00Z'),
    });
  });

  it('are replaced by an update, which resets omitted settings', async () => {
    await using rig = await openSchedulerRig();
    await rig.create('rate(1 minute)', { Description: 'often', State: 'DISABLED' });
    await rig.pass(1);

    await update(rig, 'at(2026-11-20T06:05:00)');
    await rig.pass(10);

    expect(rig.invoked).toEqual(['06:05:00 tick']);
    const got = await rig.client.send(new GetScheduleCommand({ Name: 'tick' }));
    expect(got.Description).toBeUndefined();
    expect(got).toMatchObject({
      State: 'ENABLED',
      CreationDate: new Date('2026-11-20T06:00:00Z'),
      LastModificationDate: new Date('2026-11-20T06:01:00Z'),
    });
  });

  it('fire no more once they are deleted', async () => {
    await using rig = await openSchedulerRig();
    await rig.create('at(2026-11-20T06:01:00)');

    await rig.client.send(new DeleteScheduleCommand({ Name: 'tick' }));
    await rig.pass(2);

    expect(rig.invoked).toEqual([]);
    await expect(rig.client.send(new GetScheduleCommand({ Name: 'tick' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Schedule tick does not exist.',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('are created once per client token', async () => {
    await using rig = await openSchedulerRig();
    const first = await rig.create('rate(1 hour)', { ClientToken: 'a' });

    const again = await rig.create('rate(1 hour)', { ClientToken: 'a' });
    const other = rig.create('rate(1 hour)', { ClientToken: 'b' });

    expect(again).toBe(first);
    await expect(other).rejects.toMatchObject({
      name: 'ConflictException',
      message: 'Schedule tick already exists.',
      $metadata: { httpStatusCode: 409 },
    });
  });

  it('are listed by group, prefix and state, page by page', async () => {
    await using rig = await openSchedulerRig();
    await rig.client.send(new CreateScheduleGroupCommand({ Name: 'nightly' }));
    for (const Name of ['a1', 'a2', 'b1']) await rig.create('rate(1 hour)', { Name });
    await rig.create('rate(1 hour)', { Name: 'a3', GroupName: 'nightly', State: 'DISABLED' });
    const namesOf = async (input: object) => {
      const { Schedules, NextToken } = await rig.client.send(new ListSchedulesCommand(input));
      return { names: Schedules?.map(({ Name }) => Name), NextToken };
    };

    expect((await namesOf({ NamePrefix: 'a' })).names).toEqual(['a1', 'a2', 'a3']);
    expect((await namesOf({ GroupName: 'nightly' })).names).toEqual(['a3']);
    expect((await namesOf({ State: 'ENABLED' })).names).toEqual(['a1', 'a2', 'b1']);
    const first = await namesOf({ MaxResults: 3 });
    expect(first.names).toEqual(['a1', 'a2', 'b1']);
    expect(await namesOf({ NextToken: first.NextToken })).toEqual({ names: ['a3'], NextToken: undefined });
  });

  it('are deleted with their group', async () => {
    await using rig = await openSchedulerRig();
    const group = await rig.client.send(new CreateScheduleGroupCommand({ Name: 'nightly' }));
    await rig.create('at(2026-11-20T06:01:00)', { GroupName: 'nightly' });
    expect(group.ScheduleGroupArn).toBe(`${ARN}:schedule-group/nightly`);
    const got = await rig.client.send(new GetScheduleGroupCommand({ Name: 'nightly' }));
    expect(got).toMatchObject({ Name: 'nightly', State: 'ACTIVE' });

    await rig.client.send(new DeleteScheduleGroupCommand({ Name: 'nightly' }));
    await rig.pass(2);

    expect(rig.invoked).toEqual([]);
    const { ScheduleGroups } = await rig.client.send(new ListScheduleGroupsCommand({}));
    expect(ScheduleGroups?.map(({ Name }) => Name)).toEqual(['default']);
    await expect(rig.create('rate(1 hour)', { GroupName: 'nightly' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Schedule group nightly does not exist.',
    });
    const deleteDefault = rig.client.send(new DeleteScheduleGroupCommand({ Name: 'default' }));
    await expect(deleteDefault).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it.each([
    ['an expression', { ScheduleExpression: 'every minute' }, 'Invalid Schedule Expression every minute.'],
    ['a day that is none', { ScheduleExpression: 'at(2026-13-01T00:00:00)' }, 'Invalid Schedule Expression at('],
    ['a zone', { ScheduleExpressionTimezone: 'Mars/Olympus' }, 'Invalid Schedule Expression Timezone Mars/Olympus.'],
    ['a name', { Name: 'a b' }, "Value 'a b' at 'name'"],
    ['a window', { FlexibleTimeWindow: { Mode: 'WIDE' } }, "Value 'WIDE' at 'mode'"],
    ['a window without a length', { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }, 'MaximumWindowInMinutes is required'],
    ['a state', { State: 'PAUSED' }, "Value 'PAUSED' at 'state'"],
    ['a target', { Target: { ...QUEUE_TARGET, Arn: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage' } }, 'is no target'],
    [
      'a bus without parameters',
      { Target: { ...QUEUE_TARGET, Arn: 'arn:aws:events:eu-central-1:111122223333:event-bus/hub' } },
      'EventBridgeParameters is required',
    ],
    [
      'dates that are turned around',
      { StartDate: new Date('2027-01-02Z'), EndDate: new Date('2027-01-01Z') },
      'must be before the EndDate',
    ],
  ])('refuse %s', async (_, wrong, message) => {
    await using rig = await openSchedulerRig();

    const created = rig.create('rate(1 hour)', wrong as object);

    await expect(created).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('have no tags, because only groups do', async () => {
    await using rig = await openSchedulerRig();

    const tags = rig.client.send(new ListTagsForResourceCommand({ ResourceArn: `${ARN}:schedule/default/one` }));

    await expect(tags).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
