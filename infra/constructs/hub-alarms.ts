import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC } from '../../lib/definitions/index.ts';
import { type AlarmSpec, addAlarms, PERIOD, REPEATEDLY } from './alarms.ts';
import type { EventHub } from './event-hub.ts';
import { RELAY_SERVICE } from './relay.ts';
import { serviceMetric } from './service-metric.ts';
import { SWEEPER_SERVICE } from './sweeper.ts';

/** The stream forgets after 24 hours; ten minutes of lag leave the time to act. */
const MAX_ITERATOR_AGE = Duration.minutes(10);

/** Alarms on events that wait before they reach a consumer's rule. */
export function addHubAlarms(hub: EventHub): void {
  const { relay } = hub;
  const mappingMetric = (metricName: string): Metric =>
    new Metric({
      namespace: 'AWS/Lambda',
      metricName,
      dimensionsMap: { EventSourceMappingUUID: relay.eventSourceMappingId },
      statistic: 'Sum',
      period: PERIOD,
    });
  addAlarms(hub, hub.settings, {
    RelayLag: {
      metric: relay.function.metric('IteratorAge', { statistic: 'Maximum', period: PERIOD }),
      threshold: MAX_ITERATOR_AGE.toMilliseconds(),
      // a failing relay is invoked rarely, so not every minute has data
      ...REPEATEDLY,
      means:
        'Committed events wait for the relay: it is more than ten minutes behind, and the stream keeps records for 24 hours.',
      action: "Look at the relay's errors and throttles, then at PutEvents throttling of the bus.",
    },
    Quarantined: {
      metric: quarantinedBy(hub, RELAY_SERVICE),
      means: 'The bus rejects an event permanently, so no consumer receives it.',
      action: 'Its marker in the pending table has the reason; fix the cause and publish it again.',
    },
    QuarantinedBySweeper: {
      metric: quarantinedBy(hub, SWEEPER_SERVICE),
      means: 'An event that waited for long can never be published: the bus refuses it, or the log no longer has it.',
      action: 'Its marker in the pending table has the reason; identify the event by its id, group and type.',
    },
    RelaySetAside: {
      metric: mappingMetric('OnFailureDestinationDeliveredEventCount'),
      means:
        'The stream mapping gave up on records that the relay never finished, and stored them in the failed-records bucket.',
      action:
        "Read the relay's log for the reason; the sweeper publishes the events from the outbox, the object is evidence only.",
    },
    RelayDropped: {
      metric: mappingMetric('DroppedEventCount'),
      means: 'The stream mapping gave up on records and could not write them to the failed-records bucket.',
      action: "Fix the bucket's policy or the relay's role; the sweeper still publishes the events from the outbox.",
    },
    RelayErrors: {
      metric: relay.function.metricErrors({ period: PERIOD }),
      ...REPEATEDLY,
      means: 'The relay fails repeatedly; its shards do not advance.',
      action: "Read the relay's log for the error.",
    },
    RelayThrottles: {
      metric: relay.function.metricThrottles({ period: PERIOD }),
      ...REPEATEDLY,
      means: 'Lambda has no concurrency left for the relay, again and again.',
      action: "Raise the account's concurrency or lower what other functions take.",
    },
    ...sweeperAlarms(hub),
  });
}

/** Number of sweeper runs that an event may wait beyond its age before the alarm. */
const PATIENCE_RUNS = 10;

/** Runs in a row with more pending than the run before: a burst is over by then. */
const GROWING_RUNS = 15;

/** Evaluation window, in sweeper runs. */
const runsWithin = (hub: EventHub, span: Duration): number =>
  Math.max(Math.ceil(span.toMinutes() / hub.settings.sweepEveryMinutes), 5);

/** On low traffic, a dead relay shows as few swept events: alarms at 3 in 3 hours. */
const SWEPT_WITHIN = Duration.hours(3);

function sweeperAlarms(hub: EventHub): Readonly<Record<string, AlarmSpec>> {
  const { sweepAfterSeconds, sweepEveryMinutes } = hub.settings;
  const period = Duration.minutes(sweepEveryMinutes);
  const maxAge = Duration.seconds(sweepAfterSeconds + PATIENCE_RUNS * period.toSeconds());
  const gauge = (metricName: string): Metric =>
    serviceMetric(hub.settings, SWEEPER_SERVICE, metricName, 'Maximum', period);
  return {
    PendingAge: {
      metric: gauge(METRIC.oldestPendingAge),
      threshold: maxAge.toMilliseconds(),
      evaluationPeriods: 3,
      // every run emits the gauge: missing data means that the sweeper does not run
      missingData: TreatMissingData.BREACHING,
      means: `A committed event has waited for the bus for more than ${maxAge.toSeconds()} seconds, or the sweeper does not report.`,
      action: "Look at the sweeper's log and errors, at its schedule, and at PutEvents throttling of the bus.",
    },
    PendingGrowing: {
      metric: new MathExpression({
        expression: 'DIFF(pending)',
        usingMetrics: { pending: gauge(METRIC.pendingEvents) },
        label: 'PendingEvents, change',
        period,
      }),
      evaluationPeriods: GROWING_RUNS,
      means: `More events are committed than published: the number of pending events has grown ${GROWING_RUNS} times in a row.`,
      action: "Look at the relay's errors and throttles, then at the PutEvents quota of the bus.",
    },
    EventsSwept: {
      metric: serviceMetric(hub.settings, SWEEPER_SERVICE, METRIC.eventsSwept, 'Sum', period),
      evaluationPeriods: runsWithin(hub, SWEPT_WITHIN),
      datapointsToAlarm: 3,
      means:
        'The sweeper published events in three runs of the last hours: they are minutes late, and the relay may have stopped.',
      action:
        "Look whether the relay's stream mapping is enabled and is called; then at its log, errors and throttles.",
    },
    SweeperErrors: {
      metric: hub.sweeper.function.metricErrors({ period }),
      evaluationPeriods: runsWithin(hub, Duration.minutes(30)),
      datapointsToAlarm: 3,
      means: 'The sweeper fails repeatedly: events that the relay did not publish stay unpublished.',
      action: "Read the sweeper's log for the error.",
    },
  };
}

const quarantinedBy = (hub: EventHub, service: string): Metric =>
  serviceMetric(hub.settings, service, METRIC.eventsQuarantined, 'Sum', PERIOD);
