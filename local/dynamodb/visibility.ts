import type { EpochMs } from '../../lib/shared/time.ts';
import { type Item, pickAttributes, sameItem } from '../../lib/testing/dynamodb/item.ts';
import { attributeNames } from '../../lib/testing/dynamodb/schema.ts';
import type { Caller } from '../endpoint/service.ts';
import type { DynamoDbFaults, ItemInfo, PartialView, ReadOperation } from './faults.ts';
import { createItemHistory } from './item-history.ts';
import type { ItemChange, Table } from './table.ts';

/** Who reads, and how. */
export interface Reading {
  readonly operation: ReadOperation;
  readonly consistent: boolean;
  readonly indexName: string | undefined;
  readonly caller: Caller;
}

/** Items that a read sees otherwise than they are, by key; undefined for one that it does not see at all. */
type SeenOtherwise = ReadonlyMap<string, Item | undefined>;

/** What reads see of the items, which is what they are unless a fault says otherwise. */
export interface Visibility {
  /** Called with every commit. */
  note(changes: readonly ItemChange[]): void;
  /** Keeps changes of a transaction from reads of several items; the returned function ends that. */
  hide(changes: readonly ItemChange[], view: PartialView): () => void;
  /** One item, for GetItem and BatchGetItem. */
  item(table: Table, key: string, reading: Reading): Item | undefined;
  /** For Query and Scan. @param concerns whether a state of an item is in the range that is read. */
  range(table: Table, reading: Reading, concerns: (key: string, item: Item | undefined) => boolean): SeenOtherwise;
}

export function createVisibility(now: () => EpochMs, faults: DynamoDbFaults): Visibility {
  const history = createItemHistory(now, () => faults.oldestStateMs?.() ?? 0);

  /** The state that a read which lags sees, when it is another one than that of now. */
  const staleState = (table: Table, key: string, reading: Reading): { readonly item: Item | undefined } | undefined => {
    const states = history.statesOf(table, key);
    if (states.length === 0) return undefined;
    const current = table.items.get(key);
    const known = current ?? states.find(({ item }) => item !== undefined)?.item;
    if (known === undefined) return undefined;
    const stale = faults.onRead?.({ ...infoOf(table, known), ...reading });
    if (stale === undefined) return undefined;
    const seenAt = now() - stale.ageMs;
    const state = states.find(({ until }) => until > seenAt);
    if (state === undefined || sameItem(state.item, current)) return undefined;
    stale.onSeen?.();
    return state;
  };

  return {
    note(changes) {
      history.record(changes);
      for (const { table, key } of changes) table.unseen.delete(key);
    },
    hide(changes, { unseen, onSeen }) {
      const hidden = unseen.flatMap((index) => changes[index] ?? []).filter(({ before, after }) => before !== after);
      const ends = hidden.map(({ table, key, before }) => {
        const change = { before, onSeen };
        table.unseen.set(key, change);
        return () => void (table.unseen.get(key) === change && table.unseen.delete(key));
      });
      return () => {
        for (const end of ends) end();
      };
    },
    item(table, key, reading) {
      const stale = reading.consistent ? undefined : staleState(table, key, reading);
      if (stale !== undefined) return stale.item;
      const hidden = table.unseen.get(key);
      if (hidden === undefined) return table.items.get(key);
      if (reading.operation === 'GetItem') {
        table.unseen.delete(key);
        return table.items.get(key);
      }
      hidden.onSeen?.(reading.operation);
      return hidden.before;
    },
    range(table, reading, concerns) {
      if (table.unseen.size === 0 && history.isEmpty()) return NOTHING;
      const seen = new Map<string, Item | undefined>();
      const isConcerned = (key: string, states: readonly (Item | undefined)[]) =>
        [table.items.get(key), ...states].some((item) => item !== undefined && concerns(key, item));
      if (!reading.consistent) {
        for (const key of history.keysOf(table)) {
          const states = history.statesOf(table, key).map(({ item }) => item);
          const stale = isConcerned(key, states) ? staleState(table, key, reading) : undefined;
          if (stale !== undefined) seen.set(key, stale.item);
        }
      }
      for (const [key, { before, onSeen }] of table.unseen) {
        if (seen.has(key) || !isConcerned(key, [before])) continue;
        seen.set(key, before);
        onSeen?.(reading.operation);
      }
      return seen;
    },
  };
}

const NOTHING: SeenOtherwise = new Map();

/** An item as faults are told of it. */
export const infoOf = ({ description }: Table, item: Item): ItemInfo => ({
  tableName: description.TableName,
  key: pickAttributes(item, attributeNames(description.KeySchema)),
});
