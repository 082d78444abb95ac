import { Duration } from 'aws-cdk-lib';
import { METRIC } from '../../lib/contracts/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { addAlarms } from './alarms.ts';
import type { ProcessManager } from './process-manager.ts';
import { serviceMetric } from './service-metric.ts';

const PERIOD = Duration.minutes(1);

/** The places where a saga can come to a stand, beside those of every consumer. */
export function addProcessManagerAlarms(
  manager: ProcessManager,
  { settings, name }: { readonly settings: EnvironmentSettings; readonly name: string },
): void {
  const { timers } = manager;
  addAlarms(manager, settings, {
    CompensationFailed: {
      metric: serviceMetric(settings, name, METRIC.sagaCompensationsFailed, 'Sum', PERIOD),
      means: `A saga of '${name}' could not be undone: a compensation failed as often as it may.`,
      action: `Find it with 'npm run ops -- sagas list ${name} --status compensation-failed', mend the cause, then 'sagas retry'.`,
    },
    TimersDeadLetters: {
      metric: timers.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' }),
      means: `A timer of a saga of '${name}' could not be published; it keeps for 14 days, and its saga waits for it.`,
      action:
        "Find the reason in the timer function's log, mend it, then redrive the dead-letter queue to the timers' queue.",
    },
    TimersErrors: {
      metric: timers.function.metricErrors({ period: PERIOD }),
      evaluationPeriods: 3,
      means: `The timer function of '${name}' fails as a whole, again and again.`,
      action: "Read the function's log for time-outs, lack of memory, and errors at start.",
    },
  });
}
