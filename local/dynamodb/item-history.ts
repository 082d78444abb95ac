import type { EpochMs } from '../../lib/shared/time.ts';
import type { Item } from '../../lib/testing/dynamodb/item.ts';
import type { ItemChange, Table } from './table.ts';

/** Earlier states of the items that were written a short while ago. */
export interface ItemHistory {
  /** Remembers the states that changes replace. */
  record(changes: readonly ItemChange[]): void;
  isEmpty(): boolean;
  /** Keys of a table's items that have earlier states. */
  keysOf(table: Table): Iterable<string>;
  /** Earlier states, the oldest first; undefined stands for an item that did not exist. */
  statesOf(table: Table, key: string): readonly EarlierState[];
}

interface EarlierState {
  readonly item: Item | undefined;
  /** When it was replaced. */
  readonly until: EpochMs;
}

/** @param keptMs how long a state is kept after it was replaced; none is while this is 0. */
export function createItemHistory(now: () => EpochMs, keptMs: () => number): ItemHistory {
  const byTable = new Map<Table, Map<string, EarlierState[]>>();
  /** Every state that is kept, the oldest first. */
  let kept: { readonly table: Table; readonly key: string; readonly until: EpochMs }[] = [];

  const forgetOld = () => {
    const horizon = now() - keptMs();
    const old = kept.findIndex(({ until }) => until > horizon);
    const forgotten = kept.splice(0, old < 0 ? kept.length : old);
    for (const { table, key } of forgotten) {
      const states = byTable.get(table)?.get(key);
      states?.shift();
      if (states?.length === 0) byTable.get(table)?.delete(key);
    }
  };

  return {
    record(changes) {
      if (keptMs() === 0) {
        if (kept.length > 0) {
          kept = [];
          byTable.clear();
        }
        return;
      }
      forgetOld();
      const until = now();
      for (const { table, key, before } of changes) {
        const items = byTable.get(table) ?? new Map<string, EarlierState[]>();
        byTable.set(table, items);
        const states = items.get(key) ?? [];
        items.set(key, states);
        states.push({ item: before, until });
        kept.push({ table, key, until });
      }
    },
    isEmpty: () => kept.length === 0,
    keysOf(table) {
      if (kept.length > 0) forgetOld();
      return byTable.get(table)?.keys() ?? [];
    },
    statesOf(table, key) {
      if (kept.length > 0) forgetOld();
      return byTable.get(table)?.get(key) ?? [];
    },
  };
}
