import {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  type SchedulerClient,
  SchedulerServiceException,
  ServiceQuotaExceededException,
  ThrottlingException,
} from '@aws-sdk/client-scheduler';
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
      if (error instanceof ConflictException) return;
      throw passes(error) ? new SagaTimersUnavailableError(error) : error;
    }
  },

  async stop(timer) {
    const { client, scheduleGroupName } = options;
    try {
      await client.send(new DeleteScheduleCommand({ Name: timerName(timer), GroupName: scheduleGroupName }));
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
  },
});

/** Throttling (by rate or by number), faults of the service, and no answer at all; not what is wrong with the request. */
function passes(error: unknown): boolean {
  if (error instanceof ThrottlingException || error instanceof ServiceQuotaExceededException) return true;
  return !(error instanceof SchedulerServiceException) || error.$fault === 'server';
}
