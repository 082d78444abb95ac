import TinyQueue from 'tinyqueue';
import type { Item } from '../../lib/testing/dynamodb/item.ts';
import type { CancelTask, EngineClock } from '../clock.ts';
import type { DynamoDbFaults } from './faults.ts';
import type { ItemChange, Table } from './table.ts';
import { infoOf } from './visibility.ts';

/** Deletes items once the time in their table's TTL attribute has come, or later when a fault says so. */
export interface Expiry {
  /** Called with every item that is written, and with those that are there when TTL is switched on. */
  track(table: Table, key: string, item: Item | undefined): void;
  stop(): void;
}

interface Entry {
  readonly dueAt: number;
  readonly table: Table;
  readonly key: string;
  /** What the item's time was when a fault let it stay on until `dueAt`. */
  readonly lateFor?: number;
}

/** Older times count as a mistake. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html */
const OLDEST_MS = 5 * 365 * 24 * 60 * 60 * 1000;

export function createExpiry(clock: EngineClock, faults: DynamoDbFaults, remove: (change: ItemChange) => void): Expiry {
  /** May hold outdated entries: an item's time is read again when it is due. */
  const queue = new TinyQueue<Entry>([], (a, b) => a.dueAt - b.dueAt);
  /** Items that stay on for a while, with their time. */
  const late = new Map<string, number>();
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

  const removeIfOver = ({ table, key, lateFor }: Entry) => {
    const place = `${table.description.TableName}/${key}`;
    if (lateFor !== undefined) late.delete(place);
    const before = table.items.get(key);
    const expiresAt = expiryOf(table, before);
    if (before === undefined || expiresAt === undefined || expiresAt > clock.now()) return;
    if (lateFor === undefined) {
      if (late.get(place) === expiresAt) return;
      const lateMs = faults.onExpiry?.(infoOf(table, before));
      if (lateMs !== undefined) {
        late.set(place, expiresAt);
        queue.push({ dueAt: expiresAt + lateMs, table, key, lateFor: expiresAt });
        return;
      }
    } else if (lateFor !== expiresAt) {
      return;
    }
    remove({ table, key, before, after: undefined });
  };

  const removeDue = () => {
    armedFor = Number.POSITIVE_INFINITY;
    for (let first = queue.peek(); first !== undefined && first.dueAt <= clock.now(); first = queue.peek()) {
      queue.pop();
      removeIfOver(first);
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
