import {
  ITEM_MAX_BYTES,
  PUT_EVENTS_MAX_BYTES,
  TRANSACTION_MAX_ACTIONS,
  TRANSACTION_MAX_BYTES,
} from '../contracts/index.ts';
import { busEntryOf, entrySizeBytes, fitsIntoCall } from './bus-entry.ts';
import { OutboxLimitError } from './errors.ts';
import { type NewEventRecord, recordItem } from './event-record.ts';
import { itemBytes } from './item-size.ts';
import { markerItem } from './pending-marker.ts';
import type { OutboxCommit } from './ports.ts';
import { describeWrite, partsOf, subjectOf } from './write-subject.ts';

const ELSEWHERE = 'keep large content elsewhere and refer to it';

/**
 * Refuses what DynamoDB or the bus would refuse, before anything is sent.
 * @param guards how many of the writes, the first ones, are not the caller's
 * @throws OutboxLimitError `OUTBOX_LIMIT_EXCEEDED` naming the limit, the figure and what to change
 */
export function assertLimits(commit: Omit<OutboxCommit, 'token'>, guards: number): void {
  assertActions(commit, guards);
  let total = 0;
  for (const event of commit.events) total += eventBytes(event);
  for (const [index, write] of commit.writes.entries()) {
    const { target, values } = partsOf(write);
    const bytes = itemBytes(target);
    if (bytes > ITEM_MAX_BYTES) {
      throw new OutboxLimitError(
        'itemBytes',
        `${describeWrite(subjectOf(write, index - guards))} has an item of ${bytes} bytes, allowed are ${ITEM_MAX_BYTES}: ${ELSEWHERE}`,
      );
    }
    total += bytes + itemBytes(values);
  }
  if (total > TRANSACTION_MAX_BYTES) {
    throw new OutboxLimitError(
      'transactionBytes',
      `the items of the transaction have ${total} bytes together, allowed are ${TRANSACTION_MAX_BYTES}: split the work`,
    );
  }
}

function assertActions({ writes, heads, events }: Omit<OutboxCommit, 'token'>, guards: number): void {
  const actions = writes.length + heads.length + 2 * events.length;
  if (actions <= TRANSACTION_MAX_ACTIONS) return;
  const added = [
    ...(events.length > 0 ? [`a marker for each event`] : []),
    ...(heads.length > 0 ? [`${heads.length} for the heads of groups`] : []),
    ...(guards > 0 ? [`${guards} for the inbox and the cursor`] : []),
  ];
  throw new OutboxLimitError(
    'actions',
    `the transaction has ${actions} actions, allowed are ${TRANSACTION_MAX_ACTIONS}: ${writes.length - guards} writes and ${events.length} events of yours${added.length === 0 ? '' : `; Waybill adds ${added.join(', ')}`}: split the work`,
  );
}

/** Bytes of both items of the event. */
function eventBytes(event: NewEventRecord): number {
  const entryBytes = entrySizeBytes(busEntryOf(event));
  if (!fitsIntoCall(entryBytes)) {
    throw new OutboxLimitError(
      'eventBytes',
      `event '${event.type}' takes ${entryBytes} bytes on the bus, allowed are fewer than ${PUT_EVENTS_MAX_BYTES}: ${ELSEWHERE}`,
    );
  }
  const bytes = itemBytes(recordItem(event));
  if (bytes > ITEM_MAX_BYTES) {
    throw new OutboxLimitError(
      'itemBytes',
      `event '${event.type}' takes ${bytes} bytes in the outbox log, allowed are ${ITEM_MAX_BYTES}: ${ELSEWHERE}`,
    );
  }
  return bytes + itemBytes(markerItem(event));
}
