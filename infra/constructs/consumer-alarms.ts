import { Duration, Fn } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC, type Ordering } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { type AlarmSpec, addAlarms, highestOf, ONCE, PERIOD, REPEATEDLY, SILENT_QUEUE } from './alarms.ts';
import type { EventConsumer } from './event-consumer.ts';
import { failuresOf } from './function-alarms.ts';
import { serviceMetric } from './service-metric.ts';

/**
 * Longer than the waits of an open breaker until a message has used up its receives, so that the alarm stays on until
 * the wait ends.
 */
const WAIT_PERIOD = Duration.minutes(5);

/**
 * Of the 120,000 that a FIFO queue allows. @see
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
const MAX_IN_FLIGHT = 100_000;

/** Or two retries, if they take longer. */
const MIN_MESSAGE_AGE = Duration.minutes(15);

export interface ConsumerAlarmsProps {
  readonly settings: EnvironmentSettings;
  readonly name: string;
  readonly ordering: Ordering;
  readonly visibilityTimeout: Duration;
  /** By the names of their policies. */
  readonly externalSystems: readonly string[];
}

/** The places where an event can wait on its way through one consumer. */
export function addConsumerAlarms(consumer: EventConsumer, props: ConsumerAlarmsProps): void {
  const { name } = props;
  const { rule, function: handler } = consumer;
  const ruleMetric = (metricName: string): Metric =>
    new Metric({
      namespace: 'AWS/Events',
      metricName,
      // the rule's name is taken from its ARN (rule/<bus>/<rule>), because its Ref contains the bus
      dimensionsMap: {
        EventBusName: Fn.select(1, Fn.split('/', rule.ruleArn)),
        RuleName: Fn.select(2, Fn.split('/', rule.ruleArn)),
      },
      statistic: 'Sum',
      period: PERIOD,
    });
  const maxAgeSeconds = Math.max(MIN_MESSAGE_AGE.toSeconds(), 2 * props.visibilityTimeout.toSeconds());
  addAlarms(consumer, props.settings, {
    DeadLetters: {
      metric: consumer.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        period: PERIOD,
        statistic: 'Maximum',
      }),
      missingData: SILENT_QUEUE,
      means: `'${name}' failed to handle an event as often as it may; the event keeps for 14 days.`,
      action: "Find the reason in the function's log, fix it, then redrive the dead-letter queue from the SQS console.",
    },
    Undeliverable: {
      metric: consumer.undeliverableQueue.metricApproximateNumberOfMessagesVisible({
        period: PERIOD,
        statistic: 'Maximum',
      }),
      missingData: SILENT_QUEUE,
      means: `The bus could not deliver an event to the queue of '${name}'; it keeps for 14 days.`,
      action: `The message's ERROR_CODE and ERROR_MESSAGE attributes have the reason; fix it, then run npx waybill deliver --consumer ${name}.`,
    },
    OldestMessage: {
      metric: consumer.queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: 'Maximum' }),
      threshold: maxAgeSeconds,
      ...REPEATEDLY,
      means: `A message of '${name}' has waited for more than ${maxAgeSeconds} seconds.`,
      action: 'Look for failures and throttles of the function; if there are none, raise maxConcurrency.',
    },
    InFlight: {
      metric: consumer.queue.metricApproximateNumberOfMessagesNotVisible({ period: PERIOD, statistic: 'Maximum' }),
      threshold: MAX_IN_FLIGHT,
      ...REPEATEDLY,
      means: `More than ${MAX_IN_FLIGHT} messages of '${name}' are in flight, most of them hidden until a retry: at 120000 its queue hands out no more, whatever group a message is of.`,
      action: `Run 'npx waybill held --consumer ${name} --state retrying' to see what they wait for, and fix it.`,
    },
    LongWait: {
      // emitted when a message is renewed, which may be rare: one period is enough
      metric: serviceMetric(props.settings, name, METRIC.renewedEventAge, 'Maximum', WAIT_PERIOD),
      threshold: maxAgeSeconds * 1000,
      means: `An event of '${name}' has waited for more than ${maxAgeSeconds} seconds, although it does not fail: something that its handler needs is not available, or its group is not processed.`,
      action: `Look for the reason in 'npx waybill held --consumer ${name} --state retrying', and in the function's log.`,
    },
    DeliveryFaults: {
      metric: highestOf({
        failedInvocations: ruleMetric('FailedInvocations'),
        lost: ruleMetric('InvocationsFailedToBeSentToDlq'),
        groupMismatches: serviceMetric(props.settings, name, METRIC.groupMismatches, 'Sum', PERIOD),
      }),
      ...ONCE,
      means: `The rule of '${name}' does not deliver as it should; the metric above 0 says how.`,
      action:
        "Metric failedInvocations: it gave an event up; the undeliverable queue has it with its reason. Metric lost: not even that queue took the event; mend both queues' policies, then replay the time from the archive to this rule. Metric groupMismatches: a message came in another group than its event's; order holds, but groups may wait for each other; compare the rule target's MessageGroupId with the template.",
    },
    ...(props.ordering === 'strict' && { ...waitingAlarms(props), ...placeAlarms(props) }),
    ErrorsOrThrottles: {
      metric: failuresOf(handler),
      ...REPEATEDLY,
      means: `The function of '${name}' fails as a whole, or Lambda has no concurrency left for it, again and again; the metric above 0 says which.`,
      action:
        "Metric errors: whole batches go back to the queue; read the function's log for time-outs, lack of memory, and errors at start. Metric throttles: raise the account's concurrency or lower maxConcurrency of consumers.",
    },
    ...breakerAlarms(props),
  });
}

const DEFAULT_LONGEST_PAUSE_HOURS = 24;

/** Fraction of the outbox retention after which a waiting group alarms. */
const SAFE_WAIT_RATIO = 0.5;

/** Alarms on what a strict consumer's groups wait for. */
function waitingAlarms({ settings, name }: ConsumerAlarmsProps): Readonly<Record<string, AlarmSpec>> {
  // the sweeper counts with every run, and reports only consumers with waiting groups
  const period = Duration.minutes(settings.sweepEveryMinutes);
  const gauge = (metricName: string): Metric => serviceMetric(settings, name, metricName, 'Maximum', period);
  const safeDays = settings.outboxRetentionDays * SAFE_WAIT_RATIO;
  const pauseHours = Math.min(settings.longestPauseHours ?? DEFAULT_LONGEST_PAUSE_HOURS, 24 * safeDays);
  return {
    PausedTooLong: {
      metric: gauge(METRIC.oldestPauseAge),
      threshold: Duration.hours(1).toMilliseconds() * pauseHours,
      means: `A group of '${name}' has been paused for more than ${pauseHours} hours; its events wait, and the log keeps them for ${settings.outboxRetentionDays} days.`,
      action: `See who paused it and why with 'npx waybill pause list --consumer ${name}', then resume it.`,
    },
    HeldGroups: {
      metric: gauge(METRIC.heldGroups),
      means: `Groups of '${name}' wait for a dead letter, even if its message has expired.`,
      action: `List them with 'npx waybill held --consumer ${name} --state dead', fix the cause, then redrive or resend them.`,
    },
    HeldTooLong: {
      metric: gauge(METRIC.oldestWaitAge),
      threshold: Duration.days(1).toMilliseconds() * safeDays,
      means: `A group of '${name}' has waited for more than ${safeDays} days; the log keeps the later events for ${settings.outboxRetentionDays}.`,
      action: `Decide about the event with 'npx waybill held --consumer ${name}', or keep its group's events with 'npx waybill keep'.`,
    },
  };
}

/** The alarm on events that a strict consumer did not find, or did not handle, at their place in the group. */
function placeAlarms({ settings, name }: ConsumerAlarmsProps): Readonly<Record<string, AlarmSpec>> {
  const count = (metricName: string): Metric => serviceMetric(settings, name, metricName, 'Sum', PERIOD);
  return {
    OutOfTurn: {
      metric: highestOf({
        logHoles: count(METRIC.logHoles),
        expiredUnhandled: count(METRIC.eventsExpiredUnhandled),
        handledLate: count(METRIC.eventsHandledLate),
        duplicatesUnverified: count(METRIC.duplicatesUnverified),
      }),
      ...ONCE,
      means: `'${name}' could not handle an event in its turn; the metric above 0 says why, and the function's log names group and sequence.`,
      action:
        "Metric logHoles: the event is missing from the log, and later ones of its group wait; find LOG_HOLE, and mark what is lost with 'npx waybill fill'. Metric expiredUnhandled: it expired in the log before it could be handled; find 'stepped over'. Metric handledLate: it was handled after later ones; find 'handled late' and check the effect. Metric duplicatesUnverified: it was skipped as a duplicate, and the inbox has no record of it any more; find 'skipped as a duplicate' and check the effect.",
    },
  };
}

/** Above half open, 0.5; open is 1. */
const OPEN_LEVEL = 0.75;

/**
 * An open breaker emits a data point when it opens and at each failed trial call. With the default waits, every minute
 * has data while events wait. A breaker that opens and closes repeatedly, or waits for three minutes, also raises the
 * alarm.
 */
const BREAKER_REPEATEDLY = { evaluationPeriods: 15, datapointsToAlarm: 5 } as const;

const breakerAlarms = ({ settings, name, externalSystems }: ConsumerAlarmsProps): Readonly<Record<string, AlarmSpec>> =>
  Object.fromEntries(
    externalSystems.map((system) => [
      `BreakerOpen-${system}`,
      {
        metric: new Metric({
          namespace: settings.metricNamespace,
          metricName: METRIC.breakerState,
          dimensionsMap: { service: name, system },
          statistic: 'Maximum',
          period: PERIOD,
        }),
        threshold: OPEN_LEVEL,
        ...BREAKER_REPEATEDLY,
        means: `'${name}' could not reach '${system}' in 5 of the last 15 minutes; its events wait and do not become dead letters.`,
        action: `Look at '${system}' and the network path; the events continue automatically when it responds again.`,
      },
    ]),
  );
