import { type JsonClient, readAs } from 'waybill/resilience';
import type { Change, ChangeSource } from 'waybill/sync';
import { found } from '../product-sync/supplier-path-error.ts';
import * as z from '../zod.ts';

const LABEL = 'carrier tracking';

const entrySchema = z.looseObject({ id: z.string().check(z.minLength(1)) });

const page = readAs(
  z.object({ events: z.array(entrySchema), cursor: z.string(), complete: z.boolean() }),
  ({ events, cursor, complete }) => ({ entries: events, cursor, isLast: complete }),
);

const changeOf = (entry: z.infer<typeof entrySchema>): Change => ({
  kind: 'upsert',
  externalId: entry.id,
  raw: entry,
  complete: true,
});

/** The carrier's list of what happened to an account's parcels, in the order in which it happened. */
export const createCarrierList = (client: JsonClient, accountOf: () => string | undefined): ChangeSource => ({
  label: LABEL,
  async *pages({ after, signal }) {
    const path = '/tracking';
    for (let token = after?.page; ; ) {
      const query = { account: accountOf(), after: typeof token === 'string' ? token : undefined };
      const answer = await client.get({ path, query, answers: { 200: page } }, signal);
      const { entries, cursor, isLast } = found(answer, LABEL, path);
      yield { changes: entries.map(changeOf), cursor, last: isLast };
      if (isLast) return;
      token = cursor;
    }
  },
});
