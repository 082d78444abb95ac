import { Duration } from 'aws-cdk-lib';
import { METRIC } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { addAlarms, PERIOD, REPEATEDLY, SILENT_QUEUE } from './alarms.ts';
import type { ProcessManager } from './process-manager.ts';
import { serviceMetric } from './service-metric.ts';

/** Longer than two retries of a batch whose function crashed. */
const MAX_TIMER_AGE = Duration.minutes(15);

/** Alarms on sagas that do not continue, in addition to those of every consumer. */
export function addProcessManagerAlarms(
  manager: ProcessManager,
  { settings, name }: { readonly settings: EnvironmentSettings; readonly name: string },
): void {
  const { timers } = manager;
  addAlarms(manager, settings, {
    CompensationFailed: {
      metric: serviceMetric(settings, name, METRIC.sagaCompensationsFailed, 'Sum', PERIOD),
      means: `A saga of '${name}' could not be undone: a compensation failed as often as it may.`,
      action: `Find it with 'npx waybill sagas list ${name} --status compensation-failed', fix the cause, then run 'sagas retry'.`,
    },
    TimersDeadLetters: {
      metric: timers.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' }),
      missingData: SILENT_QUEUE,
      means: `A timer of a saga of '${name}' could not be published; it keeps for 14 days, and its saga waits for it.`,
      action:
        "Find the reason in the timer function's log, fix it, then redrive the dead-letter queue to the timers' queue.",
    },
    TimersOldestMessage: {
      metric: timers.queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: 'Maximum' }),
      threshold: MAX_TIMER_AGE.toSeconds(),
      ...REPEATEDLY,
      means: `A timer of a saga of '${name}' is late by more than ${MAX_TIMER_AGE.toMinutes()} minutes; its saga waits for it.`,
      action: 'Look for failures and throttles of the timer function; if there are none, raise maxConcurrency.',
    },
    TimersErrors: {
      metric: timers.function.metricErrors({ period: PERIOD }),
      ...REPEATEDLY,
      means: `The timer function of '${name}' fails as a whole, again and again.`,
      action: "Read the function's log for time-outs, lack of memory, and errors at start.",
    },
  });
}
