import { Duration, Fn } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC, type Ordering } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { type AlarmSpec, addAlarms, PERIOD, REPEATEDLY, SILENT_QUEUE } from './alarms.ts';
import type { EventConsumer } from './event-consumer.ts';
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
    GroupMismatch: {
      metric: serviceMetric(props.settings, name, METRIC.groupMismatches, 'Sum', PERIOD),
      means: `A message of '${name}' came in a group on the queue that is not its event's; order holds all the same, but groups may wait for each other.`,
      action: "Compare the rule target's MessageGroupId with the template.",
    },
    ...(props.ordering === 'strict' && {
      ...waitingAlarms(props),
      HandledLate: {
        metric: serviceMetric(props.settings, name, METRIC.eventsHandledLate, 'Sum', PERIOD),
        means: `'${name}' handled an event after later events of its group: the group's cursor had passed it without handling it.`,
        action:
          "Find 'handled late' in the function's log: it names the group and the sequence, so that the effect can be checked.",
      },
      DuplicateUnverified: {
        metric: serviceMetric(props.settings, name, METRIC.duplicatesUnverified, 'Sum', PERIOD),
        means: `'${name}' skipped an event as a duplicate because its group's cursor has passed it; the inbox no longer has a record.`,
        action:
          "Find 'skipped as a duplicate' in the function's log: it names the group and the sequence, so that the effect can be checked.",
      },
    }),
    Errors: {
      metric: handler.metricErrors({ period: PERIOD }),
      ...REPEATEDLY,
      means: `The function of '${name}' fails as a whole, again and again: whole batches go back to the queue.`,
      action: "Read the function's log for time-outs, lack of memory, and errors at start.",
    },
    Throttles: {
      metric: handler.metricThrottles({ period: PERIOD }),
      ...REPEATEDLY,
      means: `Lambda has no concurrency left for '${name}', again and again.`,
      action: "Raise the account's concurrency or lower maxConcurrency of consumers.",
    },
    FailedInvocations: {
      metric: ruleMetric('FailedInvocations'),
      means: `The rule of '${name}' failed permanently to deliver an event to its queue.`,
      action:
        'The event is in the undeliverable queue with its reason, or another alarm says that it could not get there.',
    },
    UndeliverableLost: {
      metric: ruleMetric('InvocationsFailedToBeSentToDlq'),
      means: `The rule of '${name}' could deliver an event neither to its queue nor to the undeliverable queue.`,
      action: "Mend both queues' policies, then replay the time from the archive to this rule.",
    },
    ...breakerAlarms(props),
  });
}

/** Fraction of the outbox retention after which a waiting group alarms. */
const SAFE_WAIT_RATIO = 0.5;

/** Alarms on what a strict consumer's groups wait for, and on events that may expire meanwhile. */
function waitingAlarms({ settings, name }: ConsumerAlarmsProps): Readonly<Record<string, AlarmSpec>> {
  // the sweeper counts with every run, and reports only consumers with waiting groups
  const period = Duration.minutes(settings.sweepEveryMinutes);
  const gauge = (metricName: string): Metric => serviceMetric(settings, name, metricName, 'Maximum', period);
  const safeDays = settings.outboxRetentionDays * SAFE_WAIT_RATIO;
  return {
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
    LogHole: {
      metric: serviceMetric(settings, name, METRIC.logHoles, 'Sum', PERIOD),
      means: `An event is missing from the log of '${name}'; later events of its group are not processed.`,
      action:
        "Find LOG_HOLE in the function's log: it names the group and the sequences. If they are lost, mark them with 'npx waybill fill'.",
    },
    ExpiredUnhandled: {
      metric: serviceMetric(settings, name, METRIC.eventsExpiredUnhandled, 'Sum', PERIOD),
      means: `Events expired in the log after '${name}' received their messages and before it could process them.`,
      action: "Find 'stepped over' in the function's log: it names the group and the sequences.",
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
