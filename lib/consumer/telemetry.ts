import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type CloudEvent, METRIC } from '../definitions/index.ts';
import { loggable } from '../shared/thrown.ts';
import type { Clock } from '../shared/time.ts';
import type { Blocker } from './cursor.ts';
import type { Unverified } from './duplicate-check.ts';
import type { LogHoleError } from './errors.ts';
import type { GonePlaces } from './log-reader.ts';
import type { GroupMessage, ReceivedMessage } from './message.ts';

export interface ConsumerTelemetryDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** The metrics and log lines of a consumer, beside those of handling an event; docs/runbook.md explains them. */
export interface ConsumerTelemetry {
  /** @param unverified why only the cursor says that the event was handled; undefined if the inbox says so */
  duplicateSkipped(event: CloudEvent, unverified?: Unverified): void;
  /** The group goes on behind an event of a type that this code does not take. */
  unblocked(group: string, blocker: Blocker): void;
  /** The cursor has moved past places without an event. @param seen the last sequence whose message had come before */
  placesPassed(group: string, places: GonePlaces, seen: number): void;
  /** The message waits, because the log does not show what comes before its event. */
  logHoleFound(message: GroupMessage, hole: LogHoleError): void;
  /** @param processed where the cursor stands */
  handledLate(event: CloudEvent, processed: number): void;
  /** A new message took the place of one that has used up its receives: the queue no longer shows how long the event has waited. */
  messageRenewed(event: CloudEvent): void;
  /** A call failed that a group's messages needed. */
  settlingFailed(error: unknown, messages: readonly ReceivedMessage[]): void;
  takenFromLog(): void;
  waitsBehind(): void;
  overtaken(): void;
  deferred(): void;
}

export function createConsumerTelemetry({ logger, metrics, clock }: ConsumerTelemetryDeps): ConsumerTelemetry {
  const count = (metric: string, by = 1) => void metrics.addMetric(metric, MetricUnit.Count, by);

  return {
    takenFromLog: () => count(METRIC.eventsDrained),
    waitsBehind: () => count(METRIC.messagesBehind),
    overtaken: () => count(METRIC.racesLost),
    deferred: () => count(METRIC.eventsDeferred),

    duplicateSkipped(event, unverified) {
      count(METRIC.duplicatesSkipped);
      const ids = { event_id: event.id, tenant_id: event.tenantid };
      if (unverified === undefined) {
        logger.info('duplicate skipped: the event was handled before', ids);
        return;
      }
      // what is older than the consumer's start is none of its events
      if (unverified !== 'before the start') count(METRIC.duplicatesUnverified);
      logger.warn('skipped as a duplicate: the cursor is past the event, and the inbox cannot tell any more', {
        ...ids,
        group: event.partitionkey,
        sequence: event.sequence,
        why: unverified,
      });
    },

    unblocked(group, { sequence, type, source, since }) {
      count(METRIC.groupsReleased);
      logger.warn('the group no longer waits for an event of a type that this code does not take', {
        group,
        sequence,
        event_type: type,
        event_source: source,
        since,
      });
    },

    placesPassed(group, { from, to, why }, seen) {
      const range = { group, from_sequence: from, to_sequence: to };
      const places = to - from + 1;
      switch (why) {
        case 'tombstone':
          count(METRIC.tombstonesSteppedOver, places);
          logger.warn('stepped over places that an operator has marked as empty', range);
          return;
        case 'forgotten':
          count(METRIC.eventsForgotten, places);
          logger.warn(
            'stepped over events that may have been handled: neither cursor nor inbox can tell any more',
            range,
          );
          return;
        case 'expired': {
          count(METRIC.placesExpired, places);
          // messages of these events had come: some were to be handled, and never can be
          const unhandled = Math.max(Math.min(to, seen) - from + 1, 0);
          if (unhandled > 0) count(METRIC.eventsExpiredUnhandled, unhandled);
          const level = unhandled > 0 ? 'error' : 'info';
          logger[level]('stepped over events that the log keeps no longer', { ...range, seen });
        }
      }
    },

    logHoleFound({ event }, { group, places, code }) {
      count(METRIC.logHoles);
      count(METRIC.eventsDeferred);
      logger.error('the log does not show events that must be there: the event waits for them', {
        event_id: event.id,
        tenant_id: event.tenantid,
        group,
        sequence: event.sequence,
        from_sequence: places.from,
        to_sequence: places.to,
        error_code: code,
      });
    },

    handledLate(event, processed) {
      count(METRIC.eventsHandledLate);
      logger.warn('handled late: the cursor had gone past the event without it', {
        event_id: event.id,
        tenant_id: event.tenantid,
        group: event.partitionkey,
        sequence: event.sequence,
        processed,
      });
    },

    messageRenewed({ time }) {
      const ageMs = Math.max(clock.now() - Date.parse(time), 0);
      metrics.addMetric(METRIC.renewedEventAge, MetricUnit.Milliseconds, ageMs);
    },

    settlingFailed(error, messages) {
      const owners = new Set(messages.map(({ event }) => event?.tenantid));
      logger.error('a group could not be settled: its messages go back to the queue', {
        error: loggable(error),
        groups: [...new Set(messages.map(({ event, messageGroup }) => event?.partitionkey ?? messageGroup))],
        tenant_id: owners.size === 1 ? [...owners][0] : undefined,
      });
    },
  };
}
