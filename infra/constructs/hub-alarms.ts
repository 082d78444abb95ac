import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC, METRIC_NAMESPACE } from '../../lib/contracts/index.ts';
import { addAlarms } from './alarms.ts';
import type { EventHub } from './event-hub.ts';
import { RELAY_SERVICE } from './relay.ts';

const PERIOD = Duration.minutes(1);

/** The stream forgets after 24 hours; ten minutes of lag leave the time to act. */
const MAX_ITERATOR_AGE = Duration.minutes(10);

/** The places where an event can wait before it reaches a consumer's rule. */
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
      evaluationPeriods: 3,
      means:
        'Committed events wait for the relay: it is behind by more than ten minutes, and the stream forgets after 24 hours.',
      action: "Look at the relay's errors and throttles, then at PutEvents throttling of the bus.",
    },
    Quarantined: {
      metric: new Metric({
        namespace: METRIC_NAMESPACE,
        metricName: METRIC.eventsQuarantined,
        dimensionsMap: { service: RELAY_SERVICE },
        statistic: 'Sum',
        period: PERIOD,
      }),
      means: 'The bus refuses an event for good, so no consumer gets it.',
      action: 'Its marker in the pending table has the reason; mend the cause and publish it again.',
    },
    RelaySetAside: {
      metric: mappingMetric('OnFailureDestinationDeliveredEventCount'),
      means:
        'The stream mapping gave up on records that the relay never finished, and set them aside in the failed-records bucket.',
      action:
        "Read the object's payload and the relay's log; the events are still in the outbox and marked as pending.",
    },
    RelayDropped: {
      metric: mappingMetric('DroppedEventCount'),
      means: 'The stream mapping gave up on records and could not write them to the failed-records bucket.',
      action: "Mend the bucket's policy or the relay's role; the events are still in the outbox and marked as pending.",
    },
    RelayErrors: {
      metric: relay.function.metricErrors({ period: PERIOD }),
      evaluationPeriods: 3,
      means: 'The relay fails as a whole, again and again; its shards stand still meanwhile.',
      action: "Read the relay's log for the error.",
    },
    RelayThrottles: {
      metric: relay.function.metricThrottles({ period: PERIOD }),
      evaluationPeriods: 3,
      means: 'Lambda has no concurrency left for the relay.',
      action: "Raise the account's concurrency or lower what other functions take.",
    },
  });
}
