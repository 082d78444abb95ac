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

/** What DynamoDB says of it, of the transaction as a whole. */
export const ITEM_TWICE_MESSAGE = 'Transaction request cannot include multiple operations on one item';

/** A transaction takes no item twice, not even to check it. */
interface KeyedWrite {
  readonly parts: WriteParts;
  readonly write: CollectedWrite;
  readonly index: number;
}

/**
 * Refuses two writes to one item, where that can be known before DynamoDB says it: by the keys of updates, deletes and
 * checks, by the table's key where the unit of work knows it, or by puts that agree in everything that can be a key.
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

/** The same, once DynamoDB has said it: which puts it can only have meant. */
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

/** Of the table's key; undefined where no write tells. */
function keyNamesOf(writes: readonly KeyedWrite[]): readonly string[] | undefined {
  const hinted = writes.find(({ write }) => write.keyNames !== undefined)?.write.keyNames;
  if (hinted !== undefined) return hinted;
  const withKey = writes.find(({ parts }) => parts.action !== 'Put');
  return withKey && Object.keys(withKey.parts.target);
}

/** The same text for the same item. */
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
