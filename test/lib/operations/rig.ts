import type { Blocker, Cursor } from '../../../lib/consumer/index.ts';
import { takesOf } from '../../../lib/definitions/index.ts';
import type { ReconciledConsumer, ReconcileRunDeps } from '../../../lib/operations/index.ts';
import type { UndeliverableMessage } from '../../../lib/operations/ports.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createInMemoryConsumerPauseStore } from '../../../lib/testing/in-memory-consumer-pause-store.ts';
import { createInMemoryCursorStore } from '../../../lib/testing/in-memory-cursor-store.ts';
import { createInMemoryEventLog } from '../../../lib/testing/in-memory-event-log.ts';
import { createInMemoryEventOutcomes } from '../../../lib/testing/in-memory-event-outcomes.ts';
import { createInMemoryFailureNotes } from '../../../lib/testing/in-memory-failure-notes.ts';
import { createInMemoryHandledEvents } from '../../../lib/testing/in-memory-handled-events.ts';
import { createInMemoryInbox } from '../../../lib/testing/in-memory-inbox.ts';
import { createInMemoryInboxRecords } from '../../../lib/testing/in-memory-inbox-records.ts';
import { createInMemoryLog } from '../../../lib/testing/in-memory-log.ts';
import { createInMemoryLoggedEvents } from '../../../lib/testing/in-memory-logged-events.ts';
import { createInMemoryOperatorTrail } from '../../../lib/testing/in-memory-operator-trail.ts';
import { createInMemoryPauseLedger } from '../../../lib/testing/in-memory-pause-ledger.ts';
import { createInMemoryReconcileStore } from '../../../lib/testing/in-memory-reconcile-store.ts';
import { createInMemoryRedriveRuns } from '../../../lib/testing/in-memory-redrive-runs.ts';
import { createInMemorySkipLedger } from '../../../lib/testing/in-memory-skip-ledger.ts';
import {
  createInMemoryPausedGroups,
  createInMemoryWaitingGroups,
} from '../../../lib/testing/in-memory-waiting-groups.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { createTestOutbox } from '../../fixtures/outbox.ts';
import { createTestQueue } from '../../fixtures/test-queue.ts';

/** 2026-11-20T06:00:00.000Z, when the clock of every rig starts. */
export const T0 = 1_795_154_400_000 as EpochMs;

const NEVER = 0 as EpochMs;

/** The consumer `billing`, which takes deposits, and what operators see of it, over fakes. */
export function createOpsRig() {
  const { outbox, store, tables, clock } = createTestOutbox(
    { inbox: ['id'], cursors: ['id'] },
    { retentionSeconds: 30 * 86_400 },
  );
  const consumer = 'billing';
  const stored = { tables, tableName: 'cursors', consumer };
  const cursors = createInMemoryCursorStore(stored);
  const notes = createInMemoryFailureNotes(clock);
  const inbox = createInMemoryInbox({ clock, tables, tableName: 'inbox', consumer, claim: 'before' });
  const inboxRecords = createInMemoryInboxRecords({ tables, tableName: 'inbox', consumer });
  const skips = createInMemorySkipLedger({ tables, tableName: 'inbox', consumer });
  const reads = { cursors, outcomes: createInMemoryEventOutcomes({ inbox: inboxRecords, notes, skips }) };
  const depths = { queue: 0, deadLetters: 0, undeliverable: 0 };
  const depthOf = (name: keyof typeof depths) => async () => ({ visible: depths[name], inFlight: 0 });
  /** `billing` as reconciliation sees it. */
  const reconciled = (change: Partial<ReconciledConsumer> = {}): ReconciledConsumer => ({
    name: consumer,
    takes: takesOf([Deposited]),
    glance: reads,
    certain: reads,
    depths: {
      queue: depthOf('queue'),
      deadLetters: depthOf('deadLetters'),
      undeliverable: depthOf('undeliverable'),
    },
    queueRetentionMs: 4 * 86_400_000,
    accountableSince: async () => ({ grouped: NEVER, alone: NEVER, cursors: NEVER }),
    ...change,
  });
  const log = createInMemoryLog(store);
  const reconcileStore = createInMemoryReconcileStore();
  return {
    consumer,
    clock,
    outbox,
    store,
    reconcileStore,
    /** What a run of the reconciliation needs. */
    reconciliation: (): ReconcileRunDeps => ({
      walker: log,
      log,
      places: createInMemoryEventLog(store),
      markers: { statesOf: async (places) => places.map(() => ({ kind: 'published' })) },
      pending: {
        async *pages() {
          yield [];
        },
      },
      outboxLog: { read: async () => [] },
      store: reconcileStore,
      consumers: async () => [reconciled()],
      clock,
      sleep: async () => undefined,
      readLimiter: { spend: async () => undefined },
      signalAfter: () => new AbortController().signal,
    }),
    /** How many messages its queues have. */
    depths,
    reads,
    reconciled,
    places: createInMemoryEventLog(store),
    cursors,
    tables,
    queue: createTestQueue(),
    undeliverable: createTestUndeliverable(),
    log,
    logged: createInMemoryLoggedEvents(store),
    runs: createInMemoryRedriveRuns(),
    trail: createInMemoryOperatorTrail(),
    waiting: createInMemoryWaitingGroups(stored),
    pauses: createInMemoryPauseLedger({ tables, tableName: 'inbox', consumer }),
    paused: createInMemoryPausedGroups(stored),
    pauseStore: createInMemoryConsumerPauseStore(),
    skips,
    inbox: inboxRecords,
    notes,
    failures: notes.index,
    handled: createInMemoryHandledEvents({ tables, tableName: 'inbox', consumer }),
    takes: takesOf([Deposited]),
    /** Publishes `count` deposits to `account#<accountId>`; answers their ids. */
    async deposit(accountId: string, count = 1): Promise<readonly string[]> {
      const { events } = await outbox.transact((tx) => {
        for (let amount = 1; amount <= count; amount++) tx.publish(Deposited, { accountId, amount });
      });
      return events.map(({ id }) => id);
    },
    /** Publishes an event without a group; answers its id. */
    async note(tenantId?: string): Promise<string> {
      const context = tenantId === undefined ? {} : { tenantId };
      const { events } = await outbox.transact((tx) => void tx.publish(Audited, { note: 'n' }), context);
      return events[0]?.id ?? '';
    },
    /** Stores a cursor as it is. */
    async place(group: string, cursor: Partial<Cursor>): Promise<void> {
      const current = (await cursors.read([group])).get(group) ?? NOWHERE;
      await cursors.save(group, current, { ...NOWHERE, ...cursor });
    },
    cursor: async (group: string) => (await cursors.read([group])).get(group),
    /** Claims an event, and dies with it. */
    async die(event: { readonly source: string; readonly id: string }): Promise<void> {
      void inbox.once(event, () => new Promise<never>(() => undefined), lambdaContext());
      await Promise.resolve();
    },
    /** Completes an event's inbox record. */
    async handle(event: { readonly source: string; readonly id: string }): Promise<void> {
      await inbox.once(event, async ({ completion }) => tables.apply([completion.write]), lambdaContext());
    },
  };
}

/** A queue whose messages are hidden once they were received, until they are shown again. */
function createTestUndeliverable() {
  const shown: UndeliverableMessage[] = [];
  const hidden = new Map<string, UndeliverableMessage>();
  const deleted: string[] = [];
  const shownAgain: string[] = [];
  let puts = 0;
  return {
    deleted,
    /** Receipts. */
    shownAgain,
    /** What the bus could not deliver: its envelope, or any text. */
    put(body: string, errorCode = 'NO_PERMISSIONS') {
      const number = ++puts;
      shown.push({ messageId: `message-${number}`, receiptHandle: `receipt-${number}`, body, errorCode });
    },
    async receive() {
      const received = shown.splice(0, 2);
      for (const message of received) hidden.set(message.receiptHandle, message);
      return received;
    },
    async delete(receiptHandle: string) {
      hidden.delete(receiptHandle);
      deleted.push(receiptHandle);
    },
    async show(receiptHandles: readonly string[]) {
      shownAgain.push(...receiptHandles);
      shown.push(...receiptHandles.flatMap((handle) => hidden.get(handle) ?? []));
    },
  };
}

const NOWHERE: Cursor = { processed: 0, seen: 0, blockedBy: undefined, generation: 0, revision: 0 };

export const blockedBy = (sequence: number, more: Partial<Blocker> = {}): Blocker => ({
  sequence,
  since: T0,
  attempts: 5,
  reason: { code: 'Error', message: 'card refused' },
  state: 'dead',
  permanent: false,
  ...more,
});

/** A failure at `functions/billing/charge.ts:7`. */
export const noteOf = (eventId: string, message: string) => ({
  subject: eventId,
  code: 'Error',
  message,
  stackHead: `Error: ${message}`,
  thrownAt: 'functions/billing/charge.ts:7',
  attempts: 5,
  state: 'dead' as const,
  holdsGroup: true,
});

export async function gathered<Value>(values: AsyncIterable<Value>): Promise<readonly Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}
