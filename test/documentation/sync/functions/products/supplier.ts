import type { ChangeSource } from 'waybill/sync';

/** What this file relies on; the sync checks each row against its schema. */
interface Row {
  readonly SKU: string;
  readonly MODIFIED: string;
}

const PAGE = 100;

/** A feed that is one document with all rows. */
export const supplier = (url: string): ChangeSource => {
  const read = async (signal: AbortSignal) => {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`the feed returned ${response.status}`);
    return { rows: (await response.json()) as Row[], date: response.headers.get('date') };
  };
  const change = (raw: Row) => ({ kind: 'upsert', externalId: raw.SKU, raw, complete: true }) as const;
  const pagesOf = function* (rows: readonly Row[]) {
    for (let at = 0; at === 0 || at < rows.length; at += PAGE) {
      const page = rows.slice(at, at + PAGE);
      yield { changes: page.map(change), cursor: page.at(-1)?.SKU ?? '', last: at + PAGE >= rows.length };
    }
  };
  return {
    label: 'supplier',
    // the feed's own clock: rows that are newer than it minus the lag wait for the next run
    now: async (signal) => new Date((await read(signal)).date ?? ''),
    // what changed, sorted by (MODIFIED, SKU), after the last row that was taken
    async *pages({ after, signal }) {
      const { rows } = await read(signal);
      const keyOf = ({ MODIFIED, SKU }: Row) => `${MODIFIED} ${SKU}`;
      const sorted = rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      yield* pagesOf(sorted.filter((row) => keyOf(row) > `${after?.value ?? ''} ${after?.id ?? ''}`));
    },
    // all rows, to find those that are gone; the cursor of the page before comes back as `after.page`
    async *enumerate({ after, signal }) {
      const { rows } = await read(signal);
      const sorted = rows.toSorted((a, b) => (a.SKU < b.SKU ? -1 : 1));
      yield* pagesOf(sorted.filter(({ SKU }) => SKU > String(after?.page ?? '')));
    },
    async get(externalId, signal) {
      const { rows } = await read(signal);
      return rows.filter(({ SKU }) => SKU === externalId).map(change)[0];
    },
  };
};
