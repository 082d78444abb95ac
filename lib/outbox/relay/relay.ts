import { METRIC, OUTBOX_ATTRIBUTES, OUTBOX_KIND, PUT_EVENTS_MAX_BYTES } from '../../definitions/index.ts';
import type { PauseDeps } from '../../shared/backoff.ts';
import { StreamRecordError } from '../errors.ts';
import { busEntryOf, entrySizeBytes, fitsIntoCall, keyText, type RawItem, readOutboxItem } from '../event-record.ts';
import type { OutboxLogger, OutboxMetrics } from '../telemetry.ts';
import type { PublishFailure } from './failure.ts';
import { clearMarkers, type Quarantinable, quarantine } from './markers.ts';
import type { EventPublisher, OutboxRecord, PendingMarkers } from './ports.ts';
import { type Outgoing, planCalls, publishCalls } from './publish-calls.ts';
import { divideTime } from './time-window.ts';

export interface RelayDeps extends PauseDeps {
  readonly publisher: EventPublisher;
  readonly markers: PendingMarkers;
  /** `AbortSignal.timeout`, or a test's replacement. */
  signalAfter(ms: number): AbortSignal;
  readonly logger: OutboxLogger;
  /** Collects metrics; the caller emits them. */
  readonly metrics: OutboxMetrics;
}

export interface RelayReport {
  /** The lowest failed position: the stream is read again from there. */
  readonly lowestFailed: string | undefined;
  /** Groups with an unpublished event: their later events must not be published before it. */
  readonly stoppedGroups: ReadonlySet<string>;
  readonly published: number;
  readonly quarantined: number;
  readonly failed: number;
}

export interface Relay {
  /**
   * Publishes a batch of events from the outbox and deletes their markers. A marker is deleted only after the bus has
   * accepted its event: a crash, or a marker that cannot be deleted, causes a second publication and never a loss. A
   * second publication is harmless: it is identical, and the consumers' inboxes recognize the event's id.
   * @param records in the order of their positions
   * @param remainingMs remaining time of the invocation
   */
  run(records: readonly OutboxRecord[], remainingMs: number): Promise<RelayReport>;
}

interface Failed {
  readonly position: string;
  readonly failure: PublishFailure;
}

export function createRelay(deps: RelayDeps): Relay {
  const { clock, logger, metrics } = deps;

  const countPublished = (outgoing: Outgoing) => {
    // a producer's clock may be ahead of this one
    const elapsedMs = Math.max(0, clock.now() - outgoing.event.committedAt);
    metrics.addMetric(METRIC.commitToPublished, 'Milliseconds', elapsedMs);
  };

  return {
    async run(records, remainingMs) {
      const startedAt = clock.now();
      const windows = divideTime(startedAt, remainingMs, deps.signalAfter);
      const { outgoing, unpublishable } = sortOut(records);

      const outcome = await publishCalls(
        { ...deps, onPublished: countPublished },
        planCalls(outgoing),
        windows.publishing,
      );

      const refused = outcome.refused.map(
        ({ position, event, failure }): Quarantinable => ({ position, key: event, event, reason: failure }),
      );
      const [kept, notNoted] = await Promise.all([
        clearMarkers(deps, distinct(outcome.published), windows.cleaningUp),
        quarantine(deps, [...unpublishable, ...refused], windows.cleaningUp),
      ]);

      const failed: Failed[] = [
        ...outcome.failed,
        ...kept.map(({ key, failure }) => ({ position: key.position, failure })),
        ...notNoted,
      ];
      const counts = {
        lowestFailed: lowest(failed),
        published: outcome.published.length,
        quarantined: unpublishable.length + refused.length - notNoted.length,
        failed: failed.length,
      };
      metrics.addMetric(METRIC.eventsPublished, 'Count', counts.published);
      metrics.addMetric(METRIC.eventsQuarantined, 'Count', counts.quarantined);
      metrics.addMetric(METRIC.publishRetries, 'Count', outcome.retries);
      logger.info('relayed a batch of events', {
        records: records.length,
        ...counts,
        calls: outcome.calls,
        retries: outcome.retries,
        durationMs: clock.now() - startedAt,
      });
      if (failed.length > 0) {
        logger.warn('some events of the batch are read from the stream again', {
          lowestFailed: counts.lowestFailed,
          failures: byCode(failed),
        });
      }
      return { ...counts, stoppedGroups: outcome.stoppedGroups };
    },
  };
}

/** Separates the records that can be sent from those too large for a call. */
function sortOut(records: readonly OutboxRecord[]): { outgoing: Outgoing[]; unpublishable: Quarantinable[] } {
  const outgoing: Outgoing[] = [];
  const unpublishable: Quarantinable[] = [];
  for (const record of records) {
    const { position } = record;
    if (record.kind === 'unpublishable') {
      unpublishable.push({ position, key: record.key, event: undefined, reason: record.reason });
      continue;
    }
    const { event } = record;
    const entry = busEntryOf(event);
    const sizeBytes = entrySizeBytes(entry);
    if (fitsIntoCall(sizeBytes)) {
      outgoing.push({ position, event, entry, sizeBytes, group: event.group, sequence: event.sequence });
    } else {
      const message = `the entry has ${sizeBytes} bytes, allowed are fewer than ${PUT_EVENTS_MAX_BYTES}`;
      unpublishable.push({ position, key: event, event, reason: { code: 'ENTRY_TOO_LARGE', message } });
    }
  }
  return { outgoing, unpublishable };
}

/** One per key, the first in the batch: if a key occurs twice, a failure must restart at the first. */
function distinct(published: readonly Outgoing[]): Outgoing[] {
  const byKey = new Map<string, Outgoing>();
  for (const outgoing of published) {
    const key = keyText(outgoing);
    const known = byKey.get(key);
    if (known === undefined || BigInt(outgoing.position) < BigInt(known.position)) byKey.set(key, outgoing);
  }
  return [...byKey.values()];
}

/** Stream positions have more digits than a JavaScript number can hold. */
function lowest(failed: readonly Failed[]): string | undefined {
  let found: string | undefined;
  for (const { position } of failed) {
    if (found === undefined || BigInt(position) < BigInt(found)) found = position;
  }
  return found;
}

/** Counts the failures by reason, with one example message each. */
function byCode(failed: readonly Failed[]): Record<string, { count: number; message: string | undefined }> {
  const groups = Map.groupBy(failed, ({ failure }) => failure.code);
  return Object.fromEntries(
    Array.from(groups, ([code, same]) => [code, { count: same.length, message: same[0]?.failure.message }]),
  );
}

/** The part of Lambda's DynamoDB stream record that the relay reads. */
export interface StreamRecord {
  readonly eventName?: string | undefined;
  readonly dynamodb?:
    | {
        readonly Keys?: RawItem | undefined;
        readonly NewImage?: RawItem | undefined;
        readonly SequenceNumber?: string | undefined;
      }
    | undefined;
}

/**
 * Reads one stream record. An event's record that cannot be read is returned as `unpublishable` with its problems,
 * because it must not block the shard.
 * @returns undefined for records that are not an insert of an event: a group's head, a tombstone, an update, a removal
 * by TTL
 * @throws StreamRecordError `STREAM_RECORD_INVALID` if the record has no stream sequence number
 */
export function readStreamRecord(record: StreamRecord): OutboxRecord | undefined {
  const { Keys = {}, NewImage: image = {}, SequenceNumber: position = '' } = record.dynamodb ?? {};
  if (!/^\d+$/.test(position)) {
    throw new StreamRecordError(
      `a record must have the stream's sequence number in decimal digits, got '${position}'; ` +
        'is the function mapped to the stream of the outbox table?',
    );
  }
  const kind = image[OUTBOX_ATTRIBUTES.kind]?.S;
  const isNoEvent = kind === OUTBOX_KIND.head || kind === OUTBOX_KIND.tombstone;
  if (record.eventName !== 'INSERT' || isNoEvent) return undefined;
  return { position, ...readOutboxItem({ ...image, ...Keys }) };
}
