import TinyQueue from 'tinyqueue';

/** Things that fall due at a time of their own; the time can be changed or taken back before. Times in milliseconds. */
export interface DueTimes<T> {
  readonly size: number;
  /** Sets or replaces the time of `item`. */
  set(item: T, dueAt: number): void;
  clear(item: T): void;
  /** The earliest time; undefined when nothing is set. */
  next(): number | undefined;
  /** Takes out the earliest item that is due at `now`; of equal times, the one set first. */
  takeDue(now: number): T | undefined;
}

interface Entry<T> {
  readonly item: T;
  readonly dueAt: number;
  readonly order: number;
  live: boolean;
}

/** Below this many entries, dead ones are not worth sweeping out. */
const SMALL = 64;

export function createDueTimes<T>(): DueTimes<T> {
  const entries = new Map<T, Entry<T>>();
  const earliestFirst = (a: Entry<T>, b: Entry<T>) => a.dueAt - b.dueAt || a.order - b.order;
  let heap = new TinyQueue<Entry<T>>([], earliestFirst);
  let order = 0;

  const dropDead = () => {
    while (heap.peek()?.live === false) heap.pop();
    if (heap.length > SMALL && heap.length > 2 * entries.size)
      heap = new TinyQueue([...entries.values()], earliestFirst);
  };

  const clear = (item: T) => {
    const entry = entries.get(item);
    if (entry === undefined) return;
    entry.live = false;
    entries.delete(item);
    dropDead();
  };

  return {
    get size() {
      return entries.size;
    },
    set(item, dueAt) {
      clear(item);
      const entry = { item, dueAt, order: order++, live: true };
      entries.set(item, entry);
      heap.push(entry);
    },
    clear,
    next: () => heap.peek()?.dueAt,
    takeDue(now) {
      const entry = heap.peek();
      if (entry === undefined || entry.dueAt > now) return undefined;
      clear(entry.item);
      return entry.item;
    },
  };
}
