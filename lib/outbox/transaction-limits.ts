import {
  ITEM_MAX_BYTES,
  PUT_EVENTS_MAX_BYTES,
  TRANSACTION_MAX_ACTIONS,
  TRANSACTION_MAX_BYTES,
} from '../definitions/index.ts';
import { ItemTwiceError, OutboxLimitError } from './errors.ts';
import {
  busEntryOf,
  entrySizeBytes,
  fitsIntoCall,
  markerItem,
  type NewEventRecord,
  recordItem,
} from './event-record.ts';
import { type Item, itemBytes } from './item-size.ts';
import type { OutboxCommit } from './ports.ts';
import type { CollectedWrite } from './unit-of-work.ts';
import { describeWrite, partsOf, subjectOf, type WriteParts } from './write-subject.ts';

const ELSEWHERE = 'store large content elsewhere and refer to it';

/**
 * Rejects transactions that DynamoDB or the bus would reject, before anything is sent.
 * @param guards number of writes at the start that Waybill added
 * @throws OutboxLimitError `OUTBOX_LIMIT_EXCEEDED` naming the limit, the value and what to change
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
        `${describeWrite(subjectOf(write, index - guards))} has an item of ${bytes} bytes, allowed are up to ${ITEM_MAX_BYTES}: ${ELSEWHERE}`,
      );
    }
    total += bytes + itemBytes(values);
  }
  if (total > TRANSACTION_MAX_BYTES) {
    throw new OutboxLimitError(
      'transactionBytes',
      `the items of the transaction have ${total} bytes in total, allowed are up to ${TRANSACTION_MAX_BYTES}: split the work`,
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
    `the transaction has ${actions} actions, allowed are up to ${TRANSACTION_MAX_ACTIONS}: ${writes.length - guards} writes and ${events.length} events of yours${added.length === 0 ? '' : `; Waybill adds ${added.join(', ')}`}: split the work`,
  );
}

/** Bytes of the event's item and its marker. */
function eventBytes(event: NewEventRecord): number {
  const entryBytes = entrySizeBytes(busEntryOf(event));
  if (!fitsIntoCall(entryBytes)) {
    throw new OutboxLimitError(
      'eventBytes',
      `event '${event.type}' takes ${entryBytes} bytes on the bus, allowed are fewer than ${PUT_EVENTS_MAX_BYTES}: ${ELSEWHERE}`,
    );
  }
  const bytes = itemBytes(recordItem(event, { correlation: true }));
  if (bytes > ITEM_MAX_BYTES) {
    throw new OutboxLimitError(
      'itemBytes',
      `event '${event.type}' takes ${bytes} bytes in the outbox log, allowed are up to ${ITEM_MAX_BYTES}: ${ELSEWHERE}`,
    );
  }
  return bytes + itemBytes(markerItem(event));
}

/** DynamoDB's message for the transaction as a whole. */
export const ITEM_TWICE_MESSAGE = 'Transaction request cannot include multiple operations on one item';

/** A write and its key. A transaction must not contain an item twice, not even in a condition check. */
interface KeyedWrite {
  readonly parts: WriteParts;
  readonly write: CollectedWrite;
  readonly index: number;
}

/**
 * Rejects two writes to one item if that is known before the call: from the keys of updates, deletes and checks, from
 * the table's key if the unit of work knows it, or from puts whose scalar attributes are all equal.
 * @throws ItemTwiceError `OUTBOX_ITEM_TWICE` naming the item and both writes
 */
export function assertNoItemTwice(writes: readonly CollectedWrite[]): void {
  const keyed = writes.map((write, index): KeyedWrite => ({ parts: partsOf(write.item), write, index }));
  for (const [tableName, ofTable] of Map.groupBy(keyed, ({ parts }) => parts.tableName)) {
    const keyNames = keyNamesOf(ofTable);
    const seen = new Map<string, KeyedWrite>();
    for (const current of ofTable) {
      const place = placeOf(current, keyNames);
      const earlier = seen.get(place);
      if (earlier === undefined) seen.set(place, current);
      else throw itemTwice(tableName, [earlier, current], keyNames);
    }
  }
}

/** The same after DynamoDB has rejected the transaction: finds the puts that can have caused it. */
export function itemTwiceOf(writes: readonly CollectedWrite[]): ItemTwiceError {
  const puts = writes
    .map((write, index): KeyedWrite => ({ parts: partsOf(write.item), write, index }))
    .filter(({ parts }) => parts.action === 'Put');
  const crowded = [...Map.groupBy(puts, ({ parts }) => parts.tableName)].filter(([, ofTable]) => ofTable.length > 1);
  return itemTwice(
    crowded.map(([name]) => name).join("', '"),
    crowded.flatMap(([, ofTable]) => ofTable),
    undefined,
  );
}

const itemTwice = (tableName: string, writes: readonly KeyedWrite[], keyNames: readonly string[] | undefined) =>
  new ItemTwiceError(
    tableName,
    writes.map(({ write, index }) => subjectOf(write.item, index, keyNames)),
  );

/** The table's key names; undefined if no write shows them. */
function keyNamesOf(writes: readonly KeyedWrite[]): readonly string[] | undefined {
  const hinted = writes.find(({ write }) => write.keyNames !== undefined)?.write.keyNames;
  if (hinted !== undefined) return hinted;
  const withKey = writes.find(({ parts }) => parts.action !== 'Put');
  return withKey && Object.keys(withKey.parts.target);
}

/** A text that is unique for the item. */
function placeOf({ parts: { target } }: KeyedWrite, keyNames: readonly string[] | undefined): string {
  const names = keyNames ?? Object.keys(target).filter((name) => canBeKey(target, name));
  return JSON.stringify(names.toSorted().map((name) => [name, textOf(target[name])]));
}

const canBeKey = (item: Item, name: string): boolean => {
  const { S, N, B } = item[name] ?? {};
  return S !== undefined || N !== undefined || B !== undefined;
};

const textOf = ({ S, N, B }: Partial<Record<'S' | 'N', string>> & { B?: Uint8Array } = {}): unknown =>
  S !== undefined ? { S } : N !== undefined ? { N } : { B: B && Buffer.from(B).toString('base64') };
