import type { Logger } from '@aws-lambda-powertools/logger';
import { hasCode, type KeyOf } from 'waybill';
import { ifUnchanged } from 'waybill/outbox';
import { addMs, type Clock } from 'waybill/runtime';
import type { TenantTable, TenantTableReader } from 'waybill/tenancy';
import type { Money } from '../money.ts';
import { type CachedPrice, cachedPriceKey } from './cached-price.ts';
import { type Product, productKey } from './product.ts';
import type { PRICE_LISTS_TABLE, PRODUCTS_TABLE } from './table.ts';

/** By SKU; null of goods that are sold at a price of their own each time. */
export type Prices = ReadonlyMap<string, Money | null>;

/** What the catalog offers to other services: prices of the tenant at work. */
export interface PriceList {
  /**
   * The prices of these products; unknown products have none. Cached prices lag behind a change as long as its event
   * takes, and five minutes at the very most.
   * @param skus at most 90 different ones: the missing prices are cached in one transaction
   * @param options fresh: from the products themselves @default { fresh: false }
   */
  read(skus: readonly string[], options?: { readonly fresh?: boolean }): Promise<Prices>;
}

export interface PriceListDeps {
  readonly products: Pick<TenantTableReader<Product, KeyOf<typeof PRODUCTS_TABLE>>, 'getBatch'>;
  readonly cache: Pick<TenantTable<CachedPrice, KeyOf<typeof PRICE_LISTS_TABLE>>, 'getBatch' | 'transact'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** For the case that an event which should make a price invalid became a dead letter. */
const PRICE_TTL_MS = 300_000;

/** A price that was read from its product, and the stamp of the cache before that. */
interface Missed {
  readonly sku: string;
  readonly price: Money | null;
  readonly stamp: number | undefined;
}

/**
 * The price list, cache-aside: one item for each product, written by whoever misses it. What a reader pays depends on
 * the products it asks for, and not on the size of the catalog.
 *
 * A stamp is read before its product is, and must still stand when the price is written. Each change moves it: so a
 * price that was read before a change is never written after the change has made the cache invalid.
 */
export function createPriceList({ products, cache, clock, logger }: PriceListDeps): PriceList {
  const keep = async (missed: readonly Missed[]): Promise<void> => {
    const freshUntil = addMs(clock.now(), PRICE_TTL_MS);
    await cache.transact((writes) => {
      for (const { sku, price, stamp } of missed) {
        const Item = { ...cachedPriceKey(sku), stamp: stamp ?? 0, price, freshUntil };
        writes.put({ Item, ...ifUnchanged('stamp', stamp) });
      }
    });
  };

  return {
    async read(skus, { fresh = false } = {}) {
      const asked = [...new Set(skus)];
      const cached = await cache.getBatch(asked.map(cachedPriceKey));
      const prices = new Map<string, Money | null>();
      const stale: { readonly sku: string; readonly stamp: number | undefined }[] = [];
      for (const [index, sku] of asked.entries()) {
        const { price, freshUntil = 0, stamp } = cached[index] ?? {};
        if (!fresh && price !== undefined && freshUntil > clock.now()) prices.set(sku, price);
        else stale.push({ sku, stamp });
      }
      if (stale.length === 0) return prices;

      const read = await products.getBatch(stale.map(({ sku }) => productKey(sku)));
      const missed = stale.flatMap(({ sku, stamp }, index): Missed[] => {
        const product = read[index];
        return product === undefined ? [] : [{ sku, price: product.price, stamp }];
      });
      for (const { sku, price } of missed) prices.set(sku, price);
      try {
        if (missed.length > 0) await keep(missed);
      } catch (error) {
        // who only wants to know a price need not fail for the cache
        if (hasCode(error, 'OUTBOX_CONDITION_FAILED')) {
          logger.info('a price changed while it was read; the prices read with it are not cached');
        } else {
          logger.warn('prices could not be cached', { error });
        }
      }
      return prices;
    },
  };
}
