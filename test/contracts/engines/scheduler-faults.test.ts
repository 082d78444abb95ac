import { DeleteScheduleCommand, GetScheduleCommand } from '@aws-sdk/client-scheduler';
import { describe, expect, it } from 'vitest';
import type { DueSchedule } from '../../../local/scheduler/faults.ts';
import { openSchedulerRig } from './scheduler-rig.ts';

const DELETED = { ActionAfterCompletion: 'DELETE' } as const;

describe('EventBridge Scheduler, with the weakest guarantees of its documentation,', () => {
  it('reports to a fault which schedule is due, and when', async () => {
    const dues: DueSchedule[] = [];
    await using rig = await openSchedulerRig({ onDue: (due) => void dues.push(due) });
    const scheduleArn = await rig.create('at(2026-11-20T06:02:00)');

    await rig.pass(5);

    expect(dues).toEqual([{ scheduleArn, scheduledAt: Date.parse('2026-11-20T06:02:00Z') }]);
    expect(rig.invoked).toEqual(['06:02:00 tick']);
  });

  it('invokes a target late, and reports the scheduled time', async () => {
    await using rig = await openSchedulerRig({ onDue: () => ({ delayMs: 180_000 }) });
    await rig.create('at(2026-11-20T06:02:00)', {
      ...DELETED,
      Target: {
        Arn: 'arn:aws:sqs:eu-central-1:111122223333:ticks',
        RoleArn: 'arn:aws:iam::111122223333:role/scheduler',
        Input: '<aws.scheduler.scheduled-time>',
      },
    });

    await rig.pass(3);
    const between = await rig.client.send(new GetScheduleCommand({ Name: 'tick' }));
    const pending = rig.engine.pendingInvocations();
    await rig.pass(5);

    expect(between.Name).toBe('tick');
    expect(pending).toBe(1);
    expect(rig.invoked).toEqual(['06:05:00 2026-11-20T06:02:00Z']);
    await expect(rig.client.send(new GetScheduleCommand({ Name: 'tick' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('invokes a target twice, also when the schedule deletes itself after the first time', async () => {
    await using rig = await openSchedulerRig({ onDue: () => ({ againAfterMs: 120_000 }) });
    await rig.create('at(2026-11-20T06:01:00)', DELETED);

    await rig.pass(2);
    const pending = rig.engine.pendingInvocations();
    await rig.pass(5);

    expect(pending).toBe(1);
    expect(rig.invoked).toEqual(['06:01:00 tick', '06:03:00 tick']);
    expect(rig.engine.pendingInvocations()).toBe(0);
  });

  it('invokes the target of a schedule that was deleted after it had been due', async () => {
    await using rig = await openSchedulerRig({ onDue: () => ({ delayMs: 120_000 }) });
    await rig.create('at(2026-11-20T06:01:00)');

    await rig.pass(2);
    await rig.client.send(new DeleteScheduleCommand({ Name: 'tick' }));
    await rig.pass(2);

    expect(rig.invoked).toEqual(['06:03:00 tick']);
  });

  it('keeps the times of a rate when one of them is late', async () => {
    let dues = 0;
    await using rig = await openSchedulerRig({ onDue: () => (++dues === 1 ? { delayMs: 180_000 } : undefined) });

    await rig.create('rate(2 minutes)');
    await rig.pass(5);

    expect(rig.invoked).toEqual(['06:02:00 tick', '06:03:00 tick', '06:04:00 tick']);
  });
});
