import { isTimestamp } from '../definitions/index.ts';
import { compareVersions } from '../sync/compare-versions.ts';
import type { Change, ChangePage, ChangeSource, PageToken, ReadRequest } from '../sync/index.ts';

export interface MemorySourceOptions<Row> {
  /** @default 'memory' */
  readonly label?: string;
  /** The field with the record's id. */
  readonly id: Extract<keyof Row, string>;
  /** The field of a timestamp cursor. @default - an opaque cursor: changes in their order, deletes included */
  readonly field?: Extract<keyof Row, string>;
  /** @default 100 */
  readonly pageSize?: number;
}

/** A provider in memory, for tests of a sync. */
export interface MemorySource<Row> extends ChangeSource {
  /** Creates or replaces a row. */
  put(row: Row): void;
  delete(externalId: string): void;
  rows(): readonly Row[];
  /** The next call throws this error. Several are thrown one after the other. */
  failNext(error: Error): void;
  /** What was asked for, in order. */
  readonly calls: readonly SourceCall[];
}

export type SourceCall =
  | { readonly kind: 'pages' | 'enumerate'; readonly request: Omit<ReadRequest, 'signal'> }
  | { readonly kind: 'get'; readonly externalId: string };

/**
 * A provider in memory. It pages by (field, id), or with an opaque cursor by the order of changes.
 *
 * @example
 * const supplier = createMemorySource<Row>({ id: 'SKU', field: 'MODIFIED' });
 * supplier.put({ SKU: '1', NET: 9.5, MODIFIED: '2026-01-05T08:00:00Z' });
 */
export function createMemorySource<Row extends object>(options: MemorySourceOptions<Row>): MemorySource<Row> {
  const { label = 'memory', id, field, pageSize = 100 } = options;
  const rows = new Map<string, Row>();
  const log: Change[] = [];
  const failures: Error[] = [];
  const calls: SourceCall[] = [];

  const assertUp = () => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
  };
  const idOf = (row: Row): string => String(row[id]);
  const upsert = (row: Row): Change => ({
    kind: 'upsert',
    externalId: idOf(row),
    raw: structuredClone(row),
    complete: true,
  });

  async function* paged(all: () => readonly Change[], start: number, tokenAt: (next: number) => PageToken | undefined) {
    for (let next = start; ; ) {
      assertUp();
      // read anew for each page, as a provider does
      const changes = all().slice(next, next + pageSize);
      next += changes.length;
      const last = next >= all().length;
      const cursor = tokenAt(next);
      const page: ChangePage = { changes, last, ...(cursor !== undefined && { cursor }) };
      yield page;
      if (last) return;
    }
  }

  /** Each page begins after the last row of the one before, wherever that is now. */
  async function* keyed(
    rest: (after: Row | undefined) => readonly Row[],
    cursorOf: (row: Row) => PageToken | undefined,
  ) {
    for (let after: Row | undefined; ; ) {
      assertUp();
      const found = rest(after);
      const page = found.slice(0, pageSize);
      const lastRow = page.at(-1);
      const last = found.length <= pageSize;
      const cursor = lastRow && cursorOf(lastRow);
      yield { changes: page.map(upsert), last, ...(cursor !== undefined && { cursor }) } satisfies ChangePage;
      if (last || lastRow === undefined) return;
      after = lastRow;
    }
  }

  const literalOf = (row: Row): string => String(field === undefined ? '' : row[field]);
  const isAfter = (row: Row, value: string, afterId: string): boolean => {
    const order = compareVersions(literalOf(row), value);
    return order === 'newer' || (order === 'tie' && idOf(row) > afterId);
  };
  const inOrder = (a: Row, b: Row): number => (isAfter(a, literalOf(b), idOf(b)) ? 1 : -1);

  return {
    label,
    calls,
    put(row) {
      rows.set(idOf(row), row);
      log.push(upsert(row));
    },
    delete(externalId) {
      if (rows.delete(externalId)) log.push({ kind: 'delete', externalId });
    },
    rows: () => [...rows.values()],
    failNext: (error) => void failures.push(error),

    pages({ after, until }) {
      calls.push({ kind: 'pages', request: { after, until } });
      if (field === undefined) {
        return paged(
          () => log,
          Number(after?.page ?? 0),
          (next) => String(next),
        );
      }
      const isDue = (row: Row): boolean =>
        until === undefined || !isTimestamp(literalOf(row)) || Date.parse(literalOf(row)) <= Date.parse(until);
      return keyed(
        (last) => {
          const [value, afterId] = last === undefined ? [after?.value, after?.id ?? ''] : [literalOf(last), idOf(last)];
          return [...rows.values()]
            .filter((row) => isDue(row) && (value === undefined || isAfter(row, value, afterId)))
            .toSorted(inOrder);
        },
        () => undefined,
      );
    },

    enumerate({ after, until }) {
      calls.push({ kind: 'enumerate', request: { after, until } });
      return keyed(
        (last) => {
          const afterId = last === undefined ? (after?.page ?? '') : idOf(last);
          return [...rows.values()]
            .filter((row) => idOf(row) > String(afterId))
            .toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
        },
        (row) => idOf(row),
      );
    },

    async get(externalId) {
      calls.push({ kind: 'get', externalId });
      assertUp();
      const row = rows.get(externalId);
      return row && upsert(row);
    },
  };
}
