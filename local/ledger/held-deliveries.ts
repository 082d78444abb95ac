import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoDbCursorStore } from '../../lib/consumer/index.ts';
import { systemSleep } from '../../lib/shared/backoff.ts';
import { systemClock } from '../../lib/shared/time.ts';
import type { OpenDelivery } from './take-ledger.ts';
import type { Consumer } from './topology.ts';

/**
 * Tells held deliveries from lost ones. The message of an event whose group waits for an earlier one is acknowledged: it
 * is in no queue, and the log keeps it until the cursor comes to it.
 */
export async function findHeld(
  client: DynamoDBClient,
  consumers: readonly Consumer[],
  open: readonly OpenDelivery[],
): Promise<readonly OpenDelivery[]> {
  const lost = Map.groupBy(
    open.filter(({ place }) => place === 'lost'),
    ({ consumer }) => consumer,
  );
  const held = new Map<OpenDelivery, OpenDelivery>();
  for (const { name: consumer, cursorsTableName: tableName } of consumers) {
    const own = lost.get(consumer) ?? [];
    if (tableName === undefined || own.length === 0) continue;
    const store = createDynamoDbCursorStore({ client, tableName, consumer, ...ONLY_TO_READ });
    const cursors = await store.read([...new Set(own.map(({ group }) => group))]);
    for (const delivery of own) {
      const blockedBy = cursors.get(delivery.group)?.blockedBy;
      if (blockedBy === undefined || blockedBy.sequence >= delivery.sequence) continue;
      const { code, message } = blockedBy.reason;
      const reason = `its group waits for sequence ${blockedBy.sequence}: ${code}: ${message}`;
      held.set(delivery, { ...delivery, place: 'held', reason });
    }
  }
  return open.map((delivery) => held.get(delivery) ?? delivery);
}

const ONLY_TO_READ = { expirySeconds: 0, clock: systemClock, sleep: systemSleep, random: Math.random };
