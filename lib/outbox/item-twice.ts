import { ItemTwiceError } from './errors.ts';
import type { Item } from './item-size.ts';
import type { CollectedWrite } from './unit-of-work.ts';
import { partsOf, subjectOf, type WriteParts } from './write-subject.ts';

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
