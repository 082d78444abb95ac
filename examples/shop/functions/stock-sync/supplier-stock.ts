import { type JsonClient, readAs } from 'waybill/resilience';
import type { Change, ChangeSource, EntityOf, ProviderWriter, WriteAnswer } from 'waybill/sync';
import { found } from '../product-sync/supplier-path-error.ts';
import * as z from '../zod.ts';
import type { stockSync } from './sync.ts';

const LABEL = 'supplier-b stock';

const lineSchema = z.looseObject({ gtin: z.string().check(z.minLength(1)) });

const page = readAs(
  z.object({ lines: z.array(lineSchema), cursor: z.string(), complete: z.boolean() }),
  ({ lines, cursor, complete }) => ({ lines, cursor, isLast: complete }),
);
const line = readAs(lineSchema, (row) => changeOf(row));
const written = readAs(
  z.object({ revision: z.int() }),
  ({ revision }): WriteAnswer => ({
    kind: 'written',
    version: revision,
  }),
);
const conflict = readAs(z.unknown(), (): WriteAnswer => ({ kind: 'conflict' }));

const changeOf = (row: z.infer<typeof lineSchema>): Change => ({
  kind: 'upsert',
  externalId: row.gtin,
  raw: row,
  complete: true,
});

const pathOf = (gtin: string): string => `/stock/${encodeURIComponent(gtin)}`;

/** What supplier B lists of the shop's stock. */
export const createSupplierStock = (client: JsonClient): ChangeSource => ({
  label: LABEL,
  async *pages({ after, signal }) {
    const path = '/stock';
    for (let token = after?.page; ; ) {
      const query = typeof token === 'string' ? { after: token } : {};
      const answer = await client.get({ path, query, answers: { 200: page } }, signal);
      const { lines, cursor, isLast } = found(answer, LABEL, path);
      yield { changes: lines.map(changeOf), cursor, last: isLast };
      if (isLast) return;
      token = cursor;
    }
  },
  async get(gtin, signal) {
    return (await client.get({ path: pathOf(gtin), answers: { 200: line } }, signal)) ?? undefined;
  },
});

/** Sets a line of the list, unless somebody at the supplier has changed it. */
export const createSupplierStockWriter = (client: JsonClient): ProviderWriter<EntityOf<typeof stockSync>> => ({
  label: LABEL,
  update: ({ externalId, entity, version, idempotencyKey, signal }) =>
    client.post(
      {
        path: pathOf(externalId),
        body: { pieces: entity.pieces, ifRevision: version },
        idempotencyKey,
        answers: { 200: written, 404: conflict, 412: conflict },
      },
      signal,
    ),
});
