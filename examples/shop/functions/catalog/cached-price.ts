import type { UnitOfWork } from 'waybill/outbox';
import type { TenantTable } from 'waybill/tenancy';
import { moneySchema } from '../money.ts';
import * as z from '../zod.ts';

/** The key of a product's cached price. */
export const cachedPriceKey = (sku: string) => ({ list: `price#${sku}` }) as const;

/** A cached price as its table holds it; without price once a change has made it invalid. */
export const cachedPriceSchema = z.object({
  /** Moved by each change of the product. */
  stamp: z.int(),
  /** Null of goods that are sold at a price of their own each time. */
  price: z.optional(z.nullable(moneySchema)),
  /** Milliseconds since the epoch. */
  freshUntil: z.optional(z.int()),
});

export type CachedPrice = z.infer<typeof cachedPriceSchema>;

/** Throws the price away, and keeps those from writing theirs that read the product before. */
export const invalidate = (cache: Pick<TenantTable<CachedPrice>, 'within'>, tx: UnitOfWork, sku: string): void =>
  cache.within(tx).update({
    Key: cachedPriceKey(sku),
    UpdateExpression: 'ADD #stamp :one REMOVE #price, #freshUntil',
    ExpressionAttributeNames: { '#stamp': 'stamp', '#price': 'price', '#freshUntil': 'freshUntil' },
    ExpressionAttributeValues: { ':one': 1 },
  });
