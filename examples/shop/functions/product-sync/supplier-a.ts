import { type JsonClient, readAs } from 'waybill/resilience';
import type { Change, ChangeSource } from 'waybill/sync';
import * as z from '../zod.ts';
import { found } from './supplier-path-error.ts';

const LABEL = 'supplier-a articles';

/** What a place in the feed is made of; the rest of a row is the sync's to read. */
const rowSchema = z.looseObject({ SKU: z.string(), MODIFIED: z.string() });

type Row = z.infer<typeof rowSchema>;

const time = readAs(z.object({ TIME: z.iso.datetime({ offset: true }) }), ({ TIME }) => new Date(TIME));
const page = readAs(z.object({ ROWS: z.array(rowSchema), MORE: z.boolean() }), ({ ROWS, MORE }) => ({
  rows: ROWS,
  isLast: !MORE,
}));
const pageOfAll = readAs(z.object({ ROWS: z.array(rowSchema), NEXT: z.nullable(z.string()) }), ({ ROWS, NEXT }) => ({
  rows: ROWS,
  next: NEXT,
}));
const article = readAs(rowSchema, (row) => changeOf(row));

const changeOf = (row: Row): Change => ({ kind: 'upsert', externalId: row.SKU, raw: row, complete: true });

/** Supplier A's articles: by time of change, or all of them. It forgets what it no longer sells. */
export const createSupplierA = (client: JsonClient): ChangeSource => ({
  label: LABEL,

  async now(signal) {
    return found(await client.get({ path: '/time', answers: { 200: time } }, signal), LABEL, '/time');
  },

  async *pages({ after, until, signal }) {
    const path = '/articles';
    for (let [value, id] = [after?.value, after?.id]; ; ) {
      const query = { after: value, id, until };
      const { rows, isLast } = found(await client.get({ path, query, answers: { 200: page } }, signal), LABEL, path);
      yield { changes: rows.map(changeOf), last: isLast };
      if (isLast) return;
      const last = rows.at(-1);
      [value, id] = [last?.MODIFIED ?? value, last?.SKU ?? id];
    }
  },

  async *enumerate({ after, signal }) {
    const path = '/articles/all';
    for (let token = after?.page; ; ) {
      const query = typeof token === 'string' ? { page: token } : {};
      const answer = await client.get({ path, query, answers: { 200: pageOfAll } }, signal);
      const { rows, next } = found(answer, LABEL, path);
      yield { changes: rows.map(changeOf), last: next === null, ...(next !== null && { cursor: next }) };
      if (next === null) return;
      token = next;
    }
  },

  async get(sku, signal) {
    const path = `/articles/${encodeURIComponent(sku)}`;
    return (await client.get({ path, answers: { 200: article } }, signal)) ?? undefined;
  },
});
