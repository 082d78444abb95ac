import { createConsumer, type FailureNote, inboxRecordKey, type SubscriptionHandlers } from '../consumer/index.ts';
import { claimOf, INBOX_TABLE, type Subscription, type Takes, takesOf } from '../definitions/index.ts';
import type { OutboxCommit } from '../outbox/index.ts';
import { addMs, type EpochMs } from '../shared/time.ts';
import { createDeliveryFindings, createFindings, type Findings } from './delivery-findings.ts';
import { createInMemoryCursorStore } from './in-memory-cursor-store.ts';
import { createInMemoryEventLog } from './in-memory-event-log.ts';
import { createInMemoryFailureNotes } from './in-memory-failure-notes.ts';
import { createInMemoryHandledEvents } from './in-memory-handled-events.ts';
import { createInMemoryInbox } from './in-memory-inbox.ts';
import { createInMemoryInboxMemory } from './in-memory-inbox-memory.ts';
import { invocationOf } from './invocation.ts';
import { type CommittedEvent, eventsOf, type StepKind, type StepOutcome } from './outcome.ts';
import { createQueue, type Queue } from './queue.ts';
import { createSilentLogger, createSilentMetrics } from './silent-telemetry.ts';
import { STAGE_TABLES, type Stage } from './stage.ts';
import type { CrashPoint } from './watched-store.ts';

/** A subscription's handlers in the production consumer, with adapters in memory. */
export interface ServedConsumer {
  readonly subscription: Subscription;
  readonly queue: Queue;
  readonly takes: Takes;
  /**
   * Receives a message and runs the consumer with it. Undefined if the message was received too often and was moved to
   * the DLQ.
   */
  deliver(messageId: string, event: CommittedEvent, crash?: CrashPoint): Promise<StepOutcome | undefined>;
  /** The last failure note of an event. */
  noteOf(eventId: string): Promise<FailureNote | undefined>;
  /** Removes the event's record, as its expiry does. */
  forget(event: CommittedEvent): Promise<void>;
}

const MAX_RECEIVE_COUNT = 5;
const VISIBILITY_TIMEOUT_SECONDS = 60;
/** Four days, as SQS keeps a message by default. */
const QUEUE_RETENTION_SECONDS = 345_600;
/**
 * Well below the visibility timeout, so that the claim of a crashed execution has expired when its message becomes
 * visible.
 */
const INVOCATION_MS = 10_000;

export function createServedConsumer(served: SubscriptionHandlers, stage: Stage): ServedConsumer {
  const { clock, tables, tenancy, tenants, log, outbox } = stage;
  const { subscription } = served;
  const consumer = subscription.name;
  const limits = { maxReceiveCount: MAX_RECEIVE_COUNT, visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_SECONDS };
  const queue = createQueue({ name: consumer, clock, ...limits });
  const cursors = createInMemoryCursorStore({ tables, tableName: STAGE_TABLES.cursors, consumer });
  const notes = createInMemoryFailureNotes(clock);
  const observed = createDeliveryFindings();
  const skips = createInMemoryHandledEvents({ tables, tableName: STAGE_TABLES.inbox, consumer });
  const handle = createConsumer(served, {
    ...limits,
    queueRetentionSeconds: QUEUE_RETENTION_SECONDS,
    inbox: observed.inbox(
      createInMemoryInbox({
        clock,
        tables,
        tableName: STAGE_TABLES.inbox,
        consumer,
        claim: claimOf(subscription),
      }),
    ),
    notes: observed.notes(notes),
    outbox,
    tenancy,
    tenants,
    clock,
    queue: queue.queue,
    strict: {
      cursors,
      log: createInMemoryEventLog(log),
      sleep: async () => undefined,
      memory: createInMemoryInboxMemory({ tables, tableName: STAGE_TABLES.inbox, consumer }),
      startInstant: async () => 0 as EpochMs,
    },
    logger: createSilentLogger(consumer),
    metrics: createSilentMetrics(consumer),
    random: () => 0.5,
    // time passes only when the test moves the clock
    timeoutSignal: () => new AbortController().signal,
  });

  const recordKeyOf = (event: CommittedEvent) => ({
    [INBOX_TABLE.partitionKey.name]: { S: inboxRecordKey(consumer, event) },
  });

  /** Whether the commit completes the event. */
  const completes = (commit: OutboxCommit, event: CommittedEvent) =>
    commit.writes.some(
      ({ Put, Update }) =>
        (Put ?? Update)?.TableName === STAGE_TABLES.inbox &&
        (Put?.Item ?? Update?.Key)?.[INBOX_TABLE.partitionKey.name]?.S === inboxRecordKey(consumer, event),
    );

  const kindOf = async (event: CommittedEvent, findings: Findings): Promise<StepKind> => {
    const result = findings.resultOf(event.id);
    if (result === 'handled') return (await skips.skippedAmong([event])).length > 0 ? 'skipped' : 'handled';
    if (result !== undefined) return result;
    if (findings.failureOf(event.id) !== undefined) return 'failed';
    const cursor = (await cursors.read([event.partitionkey])).get(event.partitionkey);
    return cursor !== undefined && cursor.processed >= Number(event.sequence) ? 'duplicate' : 'waiting';
  };

  return {
    subscription,
    queue,
    takes: takesOf(subscription.events),
    noteOf: (eventId) => notes.find(eventId),

    async deliver(messageId, event, crash) {
      const record = queue.receive(messageId);
      if (record === undefined) return undefined;
      const findings = createFindings();
      const invocation = invocationOf(consumer, clock, addMs(clock.now(), INVOCATION_MS));
      const { crashed, writes, events } = await stage.perform(
        async () => {
          const { batchItemFailures } = await observed.during(findings, () =>
            handle({ Records: [record] }, invocation),
          );
          if (batchItemFailures.length === 0) queue.delete(messageId);
        },
        crash && { point: crash, isMeant: (commit) => completes(commit, event) },
      );
      return {
        kind: crashed ? 'crashed' : await kindOf(event, findings),
        event,
        failure: findings.failureOf(event.id),
        crash: crashed ? crash : undefined,
        writes,
        events,
        eventsOf: (definition) => eventsOf(events, definition),
      };
    },

    async forget(event) {
      tables.apply([{ Delete: { TableName: STAGE_TABLES.inbox, Key: recordKeyOf(event) } }]);
      const group = event.partitionkey;
      const cursor = (await cursors.read([group])).get(group);
      const before = Number(event.sequence) - 1;
      if (cursor !== undefined && cursor.processed > before) {
        await cursors.save(group, cursor, { ...cursor, processed: before, blockedBy: undefined });
      }
    },
  };
}
