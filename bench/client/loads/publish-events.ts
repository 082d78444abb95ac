import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { createEventIds } from '../../../lib/event/index.ts';
import { createDynamoDbOutboxStore, createOutbox, type OutboxStore } from '../../../lib/outbox/index.ts';
import { systemSleep } from '../../../lib/shared/backoff.ts';
import { systemClock } from '../../../lib/shared/time.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import { Happened } from '../../app/events.ts';
import { inParallel, millisecondsOf } from '../../measure.ts';
import { type Connection, clientsOf } from '../connection.ts';

export interface PublishEvents extends Connection {
  readonly outboxTableName: string;
  readonly pendingTableName: string;
  readonly events: number;
  /** Each group's events are published one after another. */
  readonly groups: number;
  readonly concurrency: number;
  /** Of the serialized event, some 600 at least. */
  readonly eventBytes: number;
  /** `aggregate`: the aggregate counts its own versions; `outbox`: the group's head does. */
  readonly sequences: 'outbox' | 'aggregate';
  /** Of each group, where the aggregate gives it. */
  readonly firstSequence: number;
  /** Between two publications of a group. */
  readonly pauseMs: number;
  /** Keeps the groups of repetitions apart. */
  readonly run: string;
}

/** Publishes through the outbox, an event per transaction, as a service does. @returns milliseconds that it took */
export async function publishEvents(input: PublishEvents): Promise<number> {
  const { outboxTableName, pendingTableName, events, groups, concurrency, sequences, pauseMs } = input;
  const { dynamoDb } = clientsOf(input);
  const filler = 'x'.repeat(Math.max(input.eventBytes - (await emptyEventBytes()), 0));
  const outbox = outboxOver(createDynamoDbOutboxStore({ client: dynamoDb, outboxTableName, pendingTableName }));
  const perGroup = events / groups;

  const publishGroup = async (group: number) => {
    const accountId = accountOf(input.run, group);
    for (let number = 0; number < perGroup; number++) {
      const options = sequences === 'aggregate' ? { sequence: input.firstSequence + number } : {};
      await outbox.transact((tx) => tx.publish(Happened, { accountId, filler }, options));
      if (pauseMs > 0) await setTimeout(pauseMs);
    }
  };
  const elapsedMs = await millisecondsOf(() => inParallel(groups, concurrency, publishGroup));
  dynamoDb.destroy();
  return elapsedMs;
}

/** All of one length, so that all events are. */
const accountOf = (run: string, group: number): string => `${run.padStart(8, '-')}${String(group).padStart(8, '0')}`;

const outboxOver = (store: OutboxStore) =>
  createOutbox({
    store,
    clock: systemClock,
    ids: { ...createEventIds(systemClock, randomBytes), newToken: randomUUID },
    sleep: systemSleep,
    random: Math.random,
    retentionSeconds: 30 * 86_400,
  });

async function emptyEventBytes(): Promise<number> {
  const store = createInMemoryOutboxStore();
  await outboxOver(store).transact((tx) => tx.publish(Happened, { accountId: accountOf('', 0), filler: '' }));
  return Buffer.byteLength(store.events[0]?.body ?? '');
}
