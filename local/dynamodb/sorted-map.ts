/** A range of keys; an absent bound is open. */
export interface KeyRange {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly reverse?: boolean;
}

/** Values by text key, iterable in the order of the keys' code units. */
export interface SortedMap<V> {
  size(): number;
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  /** Must be used up before the map changes. */
  entries(range: KeyRange): Iterable<readonly [key: string, value: V]>;
}

/** Short enough that inserting into a chunk costs little, long enough that there are few of them. */
const LONGEST_CHUNK = 512;

export function createSortedMap<V>(): SortedMap<V> {
  const values = new Map<string, V>();
  const chunks: string[][] = [[]];

  /** The first chunk whose last key is not below `key`, else the last one. */
  const chunkFor = (key: string): number => {
    let low = 0;
    let high = chunks.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((chunks[middle]?.at(-1) ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const insert = (key: string) => {
    const at = chunkFor(key);
    const chunk = chunks[at] ?? [];
    chunk.splice(lowerBound(chunk, key), 0, key);
    if (chunk.length > LONGEST_CHUNK) chunks.splice(at + 1, 0, chunk.splice(LONGEST_CHUNK / 2));
  };

  const remove = (key: string) => {
    const at = chunkFor(key);
    const chunk = chunks[at] ?? [];
    chunk.splice(lowerBound(chunk, key), 1);
    if (chunk.length === 0 && chunks.length > 1) chunks.splice(at, 1);
  };

  function* keysUp({ gt, gte, lt, lte }: KeyRange): Generator<string> {
    const from = gt ?? gte ?? '';
    const first = chunkFor(from);
    for (let at = first; at < chunks.length; at++) {
      const chunk = chunks[at] ?? [];
      for (let index = at === first ? lowerBound(chunk, from) : 0; index < chunk.length; index++) {
        const key = chunk[index] ?? '';
        if ((lt !== undefined && key >= lt) || (lte !== undefined && key > lte)) return;
        if (key !== gt) yield key;
      }
    }
  }

  function* keysDown({ gt, gte, lt, lte }: KeyRange): Generator<string> {
    const from = lt ?? lte;
    for (let at = from === undefined ? chunks.length - 1 : chunkFor(from); at >= 0; at--) {
      const chunk = chunks[at] ?? [];
      for (let index = chunk.length - 1; index >= 0; index--) {
        const key = chunk[index] ?? '';
        if ((lt !== undefined && key >= lt) || (lte !== undefined && key > lte)) continue;
        if ((gt !== undefined && key <= gt) || (gte !== undefined && key < gte)) return;
        yield key;
      }
    }
  }

  function* entries(range: KeyRange): Generator<readonly [string, V]> {
    for (const key of range.reverse === true ? keysDown(range) : keysUp(range)) {
      const value = values.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  return {
    size: () => values.size,
    get: (key) => values.get(key),
    set(key, value) {
      if (!values.has(key)) insert(key);
      values.set(key, value);
    },
    delete(key) {
      if (values.delete(key)) remove(key);
    },
    entries,
  };
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** False for no key at all. */
export const isWithin = ({ gt, gte, lt, lte }: KeyRange, key: string | undefined): boolean =>
  key !== undefined &&
  (gt === undefined || key > gt) &&
  (gte === undefined || key >= gte) &&
  (lt === undefined || key < lt) &&
  (lte === undefined || key <= lte);

/** The entries of a range without some, and with others in their places. */
export function* overlaid<V>(
  entries: Iterable<readonly [key: string, value: V]>,
  range: KeyRange,
  without: ReadonlySet<string | undefined>,
  others: readonly (readonly [key: string, value: V])[],
): Generator<readonly [string, V]> {
  const sign = range.reverse === true ? -1 : 1;
  const compare = (a: string, b: string) => (a === b ? 0 : a < b ? -sign : sign);
  const waiting = others.filter(([key]) => isWithin(range, key)).toSorted(([a], [b]) => compare(a, b));
  let next = 0;
  for (const entry of entries) {
    for (let other = waiting[next]; other !== undefined && compare(other[0], entry[0]) <= 0; other = waiting[next]) {
      yield other;
      next++;
    }
    if (!without.has(entry[0])) yield entry;
  }
  yield* waiting.slice(next);
}
