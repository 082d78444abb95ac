import { randomBytes, randomUUID } from 'node:crypto';
import { createEventIds } from '../../../lib/event/index.ts';
import {
  createDynamoDbOutboxStore,
  createOutbox,
  type DynamoDbOutboxStoreOptions,
  type OutboxStore,
} from '../../../lib/outbox/index.ts';
import { systemSleep } from '../../../lib/shared/backoff.ts';
import { type Clock, systemClock } from '../../../lib/shared/time.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import { Happened } from '../../app/events.ts';
import { type Connection, clientsOf } from '../connection.ts';
import { accountOf, type GroupsOfEvents, publishInGroups } from './groups-of-events.ts';
import { orderText } from './order-text.ts';

export interface PublishEvents extends Connection, GroupsOfEvents {
  readonly outboxTableName: string;
  readonly pendingTableName: string;
  /** Each transaction also writes the aggregate's state here. @default - the event alone */
  readonly stateTableName?: string;
  /** `aggregate`: the aggregate counts its own versions; `outbox`: the group's head does. */
  readonly sequences: 'outbox' | 'aggregate';
  /** Whether events are stored compressed where that saves a write unit. */
  readonly compressEvents: boolean;
}

/** Publishes through the outbox, an event per transaction, as a service does. @returns milliseconds that it took */
export async function publishEvents(input: PublishEvents): Promise<number> {
  const { outboxTableName, pendingTableName, stateTableName, sequences, compressEvents } = input;
  const { dynamoDb } = clientsOf(input);
  const fillerBytes = Math.max(input.eventBytes - (await emptyEventBytes()), 0);
  const outbox = outboxIn({ client: dynamoDb, outboxTableName, pendingTableName, compressEvents });
  let texts = 0;
  const elapsedMs = await publishInGroups(input, (accountId, version) => {
    const filler = orderText(fillerBytes, ++texts);
    return outbox.transact((tx) => {
      if (stateTableName !== undefined) tx.put({ TableName: stateTableName, Item: { id: accountId, version } });
      tx.publish(Happened, { accountId, filler }, sequences === 'aggregate' ? { sequence: version } : {});
    });
  });
  dynamoDb.destroy();
  return elapsedMs;
}

/** The outbox of a service. */
export const outboxIn = (options: DynamoDbOutboxStoreOptions, clock: Clock = systemClock) =>
  outboxOver(createDynamoDbOutboxStore(options), clock);

const outboxOver = (store: OutboxStore, clock: Clock = systemClock) =>
  createOutbox({
    store,
    clock,
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
