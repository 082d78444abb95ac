import { addMs, systemClock } from '../../../lib/shared/time.ts';
import { Happened } from '../../app/events.ts';
import { type Connection, clientsOf } from '../connection.ts';
import { outboxIn } from './publish-events.ts';

export interface FillGroup extends Connection {
  readonly outboxTableName: string;
  readonly pendingTableName: string;
  readonly accountId: string;
  readonly events: number;
  /** Between the commits of two events, of which the last is that old; a transaction's have one time. @default 0 */
  readonly apartMs?: number;
}

/** An event and its marker each, with the head within the 100 actions of a transaction. */
const EVENTS_PER_TRANSACTION = 49;
/** Makes events of some 1,000 bytes. */
const FILLER = 'x'.repeat(400);

/** Publishes many events of one group, as few transactions as DynamoDB allows. */
export async function fillGroup(input: FillGroup): Promise<void> {
  const { outboxTableName, pendingTableName, accountId, events, apartMs = 0 } = input;
  const { dynamoDb } = clientsOf(input);
  let left = events;
  const clock = { now: () => addMs(systemClock.now(), -apartMs * left) };
  const outbox = outboxIn({ client: dynamoDb, outboxTableName, pendingTableName }, clock);
  for (; left > 0; left -= EVENTS_PER_TRANSACTION) {
    await outbox.transact((tx) => {
      for (let count = Math.min(left, EVENTS_PER_TRANSACTION); count > 0; count--) {
        tx.publish(Happened, { accountId, filler: FILLER });
      }
    });
  }
  dynamoDb.destroy();
}
