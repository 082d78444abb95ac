import { CreateScheduleCommand, DeleteScheduleCommand, type SchedulerClient } from '@aws-sdk/client-scheduler';
import { memberOf, namesOf } from '../shared/thrown.ts';
import { SagaTimersUnavailableError } from './errors.ts';
import type { SagaTimers } from './ports.ts';
import { writeTimerMessage } from './timer-message.ts';
import { timerName } from './timer-name.ts';

export interface SchedulerTimersOptions {
  readonly client: SchedulerClient;
  /** The group of schedules that is the process manager's own. */
  readonly scheduleGroupName: string;
  /** The queue that the timer function reads. */
  readonly queueArn: string;
  /** Where the Scheduler puts what it cannot send there. */
  readonly deadLetterQueueArn: string;
  /** What the Scheduler acts as. */
  readonly roleArn: string;
}

/** One-time schedules, which delete themselves. */
export const createSchedulerTimers = (options: SchedulerTimersOptions): SagaTimers => ({
  async start(timer, signal) {
    const { client, scheduleGroupName, queueArn, deadLetterQueueArn, roleArn } = options;
    const command = new CreateScheduleCommand({
      Name: timerName(timer),
      GroupName: scheduleGroupName,
      ScheduleExpression: `at(${new Date(timer.dueAtSeconds * 1000).toISOString().slice(0, 19)})`,
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: queueArn,
        RoleArn: roleArn,
        Input: writeTimerMessage(timer),
        DeadLetterConfig: { Arn: deadLetterQueueArn },
      },
    });
    try {
      await client.send(command, { abortSignal: signal });
    } catch (error) {
      // its name says all that it is: an earlier attempt made it
      if (namesOf(error).name === 'ConflictException') return;
      throw passes(error) ? new SagaTimersUnavailableError(error) : error;
    }
  },

  async stop(timer) {
    const { client, scheduleGroupName } = options;
    try {
      await client.send(new DeleteScheduleCommand({ Name: timerName(timer), GroupName: scheduleGroupName }));
    } catch (error) {
      if (namesOf(error).name !== 'ResourceNotFoundException') throw error;
    }
  },
});

/** @see https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html */
const LIMITS: ReadonlySet<string> = new Set(['ThrottlingException', 'ServiceQuotaExceededException']);

/** Throttling (by rate or by number), faults of the service, and no answer at all; not what is wrong with the request. */
function passes(error: unknown): boolean {
  return LIMITS.has(namesOf(error).name) || memberOf(error, '$fault') !== 'client';
}
