import { CreateScheduleCommand, DeleteScheduleCommand, type SchedulerClient } from '@aws-sdk/client-scheduler';
import { memberOf, namesOf } from '../shared/thrown.ts';
import { SagaTimersUnavailableError } from './errors.ts';
import type { SagaTimers } from './ports.ts';
import { timerName, writeTimerMessage } from './saga-timer.ts';

export interface SchedulerTimersOptions {
  readonly client: SchedulerClient;
  /** The process manager's schedule group. */
  readonly scheduleGroupName: string;
  /** The queue that the timer function reads. */
  readonly queueArn: string;
  /** Receives messages that the Scheduler cannot send to that queue. */
  readonly deadLetterQueueArn: string;
  /** The role that the Scheduler assumes. */
  readonly roleArn: string;
}

/** Creates timers from one-time schedules, which the Scheduler deletes after they run. */
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
      // an earlier attempt created it; the name identifies the timer completely
      if (namesOf(error).name === 'ConflictException') return;
      throw canSucceedLater(error) ? new SagaTimersUnavailableError(error) : error;
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

/**
 * Whether a later attempt can succeed: throttling, quotas, service faults and missing responses, but not invalid
 * requests.
 */
function canSucceedLater(error: unknown): boolean {
  return LIMITS.has(namesOf(error).name) || memberOf(error, '$fault') !== 'client';
}
