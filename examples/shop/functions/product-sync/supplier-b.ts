import { type JsonClient, readAs } from 'waybill/resilience';
import type { Change, ChangeSource } from 'waybill/sync';
import * as z from '../zod.ts';
import { found } from './supplier-path-error.ts';

const LABEL = 'supplier-b changes';

/** What is needed to know which product it is; the rest of an item is the sync's to read. */
export const supplierItemSchema = z.looseObject({
  gtin: z.string().check(z.minLength(1)),
  revision: z.optional(z.int()),
  removed: z.optional(z.boolean()),
});

type SupplierItem = z.infer<typeof supplierItemSchema>;

const page = readAs(
  z.object({ changes: z.array(supplierItemSchema), cursor: z.string(), complete: z.boolean() }),
  ({ changes, cursor, complete }) => ({ items: changes, cursor, isLast: complete }),
);
const product = readAs(supplierItemSchema, (item) => changeOf(item));

const changeOf = (item: SupplierItem): Change => {
  const known = { externalId: item.gtin, ...(item.revision !== undefined && { version: item.revision }) };
  return item.removed === true ? { kind: 'delete', ...known } : { kind: 'upsert', ...known, raw: item, complete: true };
};

/** Supplier B's feed of changes, which marks what is removed. */
export const createSupplierB = (client: JsonClient): ChangeSource => ({
  label: LABEL,

  async *pages({ after, signal }) {
    const path = '/changes';
    for (let token = after?.page; ; ) {
      const query = typeof token === 'string' ? { after: token } : {};
      const answer = await client.get({ path, query, answers: { 200: page } }, signal);
      const { items, cursor, isLast } = found(answer, LABEL, path);
      yield { changes: items.map(changeOf), cursor, last: isLast };
      if (isLast) return;
      token = cursor;
    }
  },

  async get(gtin, signal) {
    const path = `/products/${encodeURIComponent(gtin)}`;
    return (await client.get({ path, answers: { 200: product } }, signal)) ?? undefined;
  },
});
