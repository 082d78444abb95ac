import {
  ITEM_MAX_BYTES,
  PUT_EVENTS_MAX_BYTES,
  TRANSACTION_MAX_ACTIONS,
  TRANSACTION_MAX_BYTES,
} from '../contracts/index.ts';
import { OutboxLimitError } from './errors.ts';
import { itemBytes } from './item-size.ts';
import { logItem, pendingItem } from './outbox-items.ts';
import type { OutboxCommit, StoredEvent } from './ports.ts';
import { partsOf } from './write-subject.ts';

/** Bytes of a PutEvents entry that has a `Time`. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const ENTRY_TIME_BYTES = 14;

/**
 * Refuses what DynamoDB or the bus would refuse, before anything is sent.
 * @throws OutboxLimitError `OUTBOX_LIMIT_EXCEEDED` naming the limit, the figure and what to change
 */
export function assertLimits({ writes, heads, events }: Omit<OutboxCommit, 'token'>): void {
  const actions = writes.length + heads.length + 2 * events.length;
  if (actions > TRANSACTION_MAX_ACTIONS) {
    throw new OutboxLimitError(
      'actions',
      `the transaction has ${actions} actions (${writes.length} writes, ${events.length} events at two each, ${heads.length} group heads), allowed are ${TRANSACTION_MAX_ACTIONS}: split the work`,
    );
  }
  let total = 0;
  for (const event of events) total += eventBytes(event);
  for (const [index, write] of writes.entries()) {
    const { action, tableName, target, values } = partsOf(write);
    const bytes = itemBytes(target);
    if (bytes > ITEM_MAX_BYTES) {
      throw new OutboxLimitError(
        'itemBytes',
        `write ${index} (${action} in table '${tableName}') has an item of ${bytes} bytes, allowed are ${ITEM_MAX_BYTES}: keep large content elsewhere and refer to it`,
      );
    }
    total += bytes + itemBytes(values);
  }
  if (total > TRANSACTION_MAX_BYTES) {
    throw new OutboxLimitError(
      'transactionBytes',
      `the transaction's items have ${total} bytes together, allowed are ${TRANSACTION_MAX_BYTES}: split the work`,
    );
  }
}

/** Bytes of both items of the event. */
function eventBytes(event: StoredEvent): number {
  const entryBytes = ENTRY_TIME_BYTES + Buffer.byteLength(event.source + event.type + event.body, 'utf8');
  if (entryBytes > PUT_EVENTS_MAX_BYTES) {
    throw new OutboxLimitError(
      'eventBytes',
      `event '${event.type}' takes ${entryBytes} bytes on the bus, allowed are ${PUT_EVENTS_MAX_BYTES}: keep large content elsewhere and refer to it`,
    );
  }
  const bytes = itemBytes(logItem(event));
  if (bytes > ITEM_MAX_BYTES) {
    throw new OutboxLimitError(
      'itemBytes',
      `event '${event.type}' takes ${bytes} bytes in the outbox log, allowed are ${ITEM_MAX_BYTES}: keep large content elsewhere and refer to it`,
    );
  }
  return bytes + itemBytes(pendingItem(event));
}
