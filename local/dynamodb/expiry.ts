import TinyQueue from 'tinyqueue';
import type { Item } from '../../lib/testing/dynamodb/item.ts';
import type { CancelTask, EngineClock } from '../clock.ts';
import type { ItemChange, Table } from './table.ts';

/** Deletes items once the time in their table's TTL attribute has come; AWS may take days for it. */
export interface Expiry {
  /** Called with every item that is written, and with those that are there when TTL is switched on. */
  track(table: Table, key: string, item: Item | undefined): void;
  stop(): void;
}

interface Entry {
  readonly dueAt: number;
  readonly table: Table;
  readonly key: string;
}

/** Older times count as a mistake. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html */
const OLDEST_MS = 5 * 365 * 24 * 60 * 60 * 1000;

export function createExpiry(clock: EngineClock, remove: (change: ItemChange) => void): Expiry {
  /** May hold outdated entries: an item's time is read again when it is due. */
  const queue = new TinyQueue<Entry>([], (a, b) => a.dueAt - b.dueAt);
  let armedFor = Number.POSITIVE_INFINITY;
  let cancel: CancelTask | undefined;

  const arm = () => {
    const dueAt = queue.peek()?.dueAt ?? Number.POSITIVE_INFINITY;
    if (dueAt === armedFor) return;
    cancel?.();
    cancel = undefined;
    armedFor = dueAt;
    if (dueAt !== Number.POSITIVE_INFINITY) cancel = clock.schedule(Math.max(dueAt - clock.now(), 0), removeDue);
  };

  const removeDue = () => {
    armedFor = Number.POSITIVE_INFINITY;
    for (let first = queue.peek(); first !== undefined && first.dueAt <= clock.now(); first = queue.peek()) {
      queue.pop();
      const { table, key } = first;
      const before = table.items.get(key);
      const expiresAt = expiryOf(table, before);
      if (expiresAt !== undefined && expiresAt <= clock.now()) remove({ table, key, before, after: undefined });
    }
    arm();
  };

  return {
    track(table, key, item) {
      const expiresAt = expiryOf(table, item);
      if (expiresAt === undefined || expiresAt < clock.now() - OLDEST_MS) return;
      queue.push({ dueAt: expiresAt, table, key });
      arm();
    },
    stop: () => cancel?.(),
  };
}

/** Milliseconds since the epoch; undefined when the item does not expire. */
function expiryOf(table: Table, item: Item | undefined): number | undefined {
  if (table.ttlAttribute === undefined) return undefined;
  const seconds = item?.[table.ttlAttribute]?.N;
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
