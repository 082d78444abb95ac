import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC } from '../../lib/definitions/index.ts';
import { type AlarmSpec, addAlarms, highestOf, ONCE, PERIOD, REPEATEDLY } from './alarms.ts';
import type { EventHub } from './event-hub.ts';
import { failuresOf } from './function-alarms.ts';
import { RECONCILE_EVERY, RECONCILER_SERVICE } from './reconciler.ts';
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
      metric: highestOf({
        byRelay: quarantinedBy(hub, RELAY_SERVICE),
        bySweeper: quarantinedBy(hub, SWEEPER_SERVICE),
      }),
      ...ONCE,
      means:
        'An event can never be published, so no consumer receives it: the bus refuses it, or, where the sweeper found it, the log no longer has it.',
      action:
        'Its marker in the pending table has the reason: fix the cause and publish the event again; identify one that the log no longer has by its id, group and type.',
    },
    RelayGaveUp: {
      metric: highestOf({
        setAside: mappingMetric('OnFailureDestinationDeliveredEventCount'),
        dropped: mappingMetric('DroppedEventCount'),
      }),
      ...ONCE,
      means:
        'The stream mapping gave up on records that the relay never finished. The sweeper publishes their events from the outbox; the metric above 0 says whether their records are kept as evidence.',
      action:
        "Metric setAside: they are in the failed-records bucket; read the relay's log for the reason. Metric dropped: they could not be written there; fix the bucket's policy or the relay's role.",
    },
    RelayErrorsOrThrottles: {
      metric: failuresOf(relay.function),
      ...REPEATEDLY,
      means:
        'The relay fails, or Lambda has no concurrency left for it, again and again, and its shards do not advance; the metric above 0 says which.',
      action:
        "Metric errors: read the relay's log for the error. Metric throttles: raise the account's concurrency or lower what other functions take.",
    },
    ...sweeperAlarms(hub),
    ...reconcilerAlarms(hub),
  });
}

function reconcilerAlarms(hub: EventHub): Readonly<Record<string, AlarmSpec>> {
  const { reconciler, reconcileWithin } = hub;
  if (reconciler === undefined) return {};
  const gauge = (metricName: string): Metric =>
    serviceMetric(hub.settings, RECONCILER_SERVICE, metricName, 'Maximum', RECONCILE_EVERY);
  return {
    Unaccounted: {
      metric: gauge(METRIC.unaccounted),
      means:
        'The reconciliation found events that a consumer has neither handled nor has waiting in a place with a name, or a log that is not complete.',
      action: "Run 'npx waybill reconcile show' to see them; resend what was lost with 'npx waybill audit --resend'.",
    },
    ReconciliationBehind: {
      metric: gauge(METRIC.oldestReconciledAge),
      threshold: 2 * reconcileWithin.toMilliseconds(),
      evaluationPeriods: 8,
      // every run emits it: missing data means that the reconciler does not run
      missingData: TreatMissingData.BREACHING,
      means: `A part of the log has not been reconciled for twice the ${reconcileWithin.toHumanString()} in which it should be, or the reconciler does not report.`,
      action:
        "Read the reconciler's log for errors; if it only lacks time, raise reconcileWithin, or run 'npx waybill reconcile run'.",
    },
  };
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
    SettingsRefused: {
      // of the one function that runs all the time: all of them read the same parameter
      metric: serviceMetric(hub.settings, SWEEPER_SERVICE, METRIC.settingsRefused, 'Sum', PERIOD),
      ...ONCE,
      means:
        'The settings parameter has content that functions refuse: running ones keep the last valid settings, and new ones use the deployed values.',
      action: "Run 'npx waybill settings' to see the problems, then correct the parameter, or delete it.",
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
