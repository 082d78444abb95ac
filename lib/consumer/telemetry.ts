import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type CloudEvent, METRIC } from '../definitions/index.ts';
import { loggable } from '../shared/thrown.ts';
import type { Clock } from '../shared/time.ts';
import type { Blocker } from './cursor.ts';
import type { Unverified } from './duplicate-check.ts';
import type { LogHoleError } from './errors.ts';
import type { PassedPlaces } from './log-reader.ts';
import type { GroupMessage, ReceivedMessage } from './message.ts';

export interface ConsumerTelemetryDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** A consumer's metrics and log lines, except those of handling an event. docs/runbook.md explains them. */
export interface ConsumerTelemetry {
  /** @param unverified why the inbox cannot confirm that the event was handled; undefined if it can */
  duplicateSkipped(event: CloudEvent, unverified?: Unverified): void;
  /** The group continues after an event of a type that this code does not handle. */
  unblocked(group: string, blocker: Blocker): void;
  /**
   * The cursor has passed sequences without an event to handle.
   * @param seen the last sequence of which a message was received before
   */
  placesPassed(group: string, places: PassedPlaces, seen: number): void;
  /** The message waits because the log does not show events before its event. */
  logHoleFound(message: GroupMessage, hole: LogHoleError): void;
  /** @param processed the cursor's position */
  handledLate(event: CloudEvent, processed: number): void;
  /**
   * A new message replaced one that had used up its receives. The queue no longer shows how long the event has waited.
   * @param code of the failure; undefined if it was not tried
   */
  messageRenewed(event: CloudEvent, code?: string): void;
  /** A call failed that processing the group needed. */
  groupFailed(error: unknown, messages: readonly ReceivedMessage[]): void;
  takenFromLog(): void;
  waitsForEarlier(): void;
  overtaken(): void;
  deferred(): void;
}

export function createConsumerTelemetry({ logger, metrics, clock }: ConsumerTelemetryDeps): ConsumerTelemetry {
  const count = (metric: string, by = 1) => void metrics.addMetric(metric, MetricUnit.Count, by);

  return {
    takenFromLog: () => count(METRIC.eventsDrained),
    waitsForEarlier: () => count(METRIC.messagesBehind),
    overtaken: () => count(METRIC.racesLost),
    deferred: () => count(METRIC.eventsDeferred),

    duplicateSkipped(event, unverified) {
      count(METRIC.duplicatesSkipped);
      const ids = { event_id: event.id, tenant_id: event.tenantid };
      if (unverified === undefined) {
        logger.info('duplicate skipped: the event was handled before', ids);
        return;
      }
      // events before the consumer's start are not its events
      if (unverified !== 'before the start') count(METRIC.duplicatesUnverified);
      logger.warn('skipped as a duplicate: the cursor has passed the event, and the inbox no longer has a record', {
        ...ids,
        group: event.partitionkey,
        sequence: event.sequence,
        why: unverified,
      });
    },

    unblocked(group, { sequence, type, source, since }) {
      count(METRIC.groupsReleased);
      logger.warn('the group no longer waits for an event of a type that this code does not handle', {
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
          logger.warn('stepped over sequences that an operator has marked as empty', range);
          return;
        case 'forgotten':
          count(METRIC.eventsForgotten, places);
          logger.warn('stepped over events that may have been handled: neither cursor nor inbox has a record', range);
          return;
        case 'expired': {
          count(METRIC.placesExpired, places);
          // some of these events had messages: they were due to be handled and can no longer be
          const unhandled = Math.max(Math.min(to, seen) - from + 1, 0);
          if (unhandled > 0) count(METRIC.eventsExpiredUnhandled, unhandled);
          const level = unhandled > 0 ? 'error' : 'info';
          logger[level]('stepped over events that have expired in the log', { ...range, seen });
        }
      }
    },

    logHoleFound({ event }, { group, places, code }) {
      count(METRIC.logHoles);
      count(METRIC.eventsDeferred);
      logger.error('the log does not show events that it must hold: the event waits for them', {
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
      logger.warn('handled late: the cursor had passed the event without handling it', {
        event_id: event.id,
        tenant_id: event.tenantid,
        group: event.partitionkey,
        sequence: event.sequence,
        processed,
      });
    },

    messageRenewed({ time }, code) {
      // an alarm on its age would be raised for as long as the tenant is suspended
      if (code === 'TENANT_INACTIVE') return;
      const ageMs = Math.max(clock.now() - Date.parse(time), 0);
      metrics.addMetric(METRIC.renewedEventAge, MetricUnit.Milliseconds, ageMs);
    },

    groupFailed(error, messages) {
      const owners = new Set(messages.map(({ event }) => event?.tenantid));
      logger.error('processing a group failed: its messages return to the queue', {
        error: loggable(error),
        groups: [...new Set(messages.map(({ event, messageGroup }) => event?.partitionkey ?? messageGroup))],
        tenant_id: owners.size === 1 ? [...owners][0] : undefined,
      });
    },
  };
}
