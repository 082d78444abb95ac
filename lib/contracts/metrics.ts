/** CloudWatch namespace of every metric that Waybill's functions emit (as embedded metric format, dimension `service`). */
export const METRIC_NAMESPACE = 'Waybill';

/** Metric names; functions emit them, alarms and the local run read them. */
export const METRIC = {
  /** Count: events that the relay put on the bus. */
  eventsPublished: 'EventsPublished',
  /** Count: events that can never be published as they are; their marker keeps the reason. */
  eventsQuarantined: 'EventsQuarantined',
  /** Count: entries that the relay sent again after throttling or an internal error. */
  publishRetries: 'PublishRetries',
  /** Milliseconds from the producer's commit to the bus's acceptance. */
  commitToPublished: 'CommitToPublished',
  /** Count: events whose handler's work was committed. */
  eventsHandled: 'EventsHandled',
  /** Count: messages whose event had been handled before. */
  duplicatesSkipped: 'DuplicatesSkipped',
  /** Count: messages given back to the queue after a failure. */
  eventsFailed: 'EventsFailed',
  /** Milliseconds from the producer's commit to the handler's commit. */
  commitToHandled: 'CommitToHandled',
} as const;
