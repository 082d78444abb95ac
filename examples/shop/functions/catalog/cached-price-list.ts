import type { UnitOfWork } from 'waybill/outbox';
import type { TenantTable } from 'waybill/tenancy';
import { moneySchema } from '../money.ts';
import * as z from '../zod.ts';

/** The key of a tenant's only list. */
export const CACHED_LIST = { list: 'prices' } as const;

const pricesSchema = z.array(z.tuple([z.string(), z.nullable(moneySchema)]));

/** The cached list as its table holds it; without prices once a change has made it invalid. */
export const cachedPriceListSchema = z.object({
  /** Moved by each change. */
  stamp: z.int(),
  prices: z.optional(
    z.pipe(
      z.string(),
      z.transform((text) => new Map(pricesSchema.parse(JSON.parse(text)))),
    ),
  ),
  /** Milliseconds since the epoch. */
  freshUntil: z.optional(z.int()),
});

export type CachedPriceList = z.infer<typeof cachedPriceListSchema>;

/** Throws the list away, and keeps those from writing theirs that read the products before. */
export const invalidate = (cache: Pick<TenantTable<CachedPriceList>, 'within'>, tx: UnitOfWork): void =>
  cache.within(tx).update({
    Key: CACHED_LIST,
    UpdateExpression: 'ADD #stamp :one REMOVE #prices, #freshUntil',
    ExpressionAttributeNames: { '#stamp': 'stamp', '#prices': 'prices', '#freshUntil': 'freshUntil' },
    ExpressionAttributeValues: { ':one': 1 },
  });
