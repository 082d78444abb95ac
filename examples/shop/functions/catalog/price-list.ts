import type { Logger } from '@aws-lambda-powertools/logger';
import { hasCode, type KeyOf } from 'waybill';
import { ifUnchanged } from 'waybill/outbox';
import { addMs, type Clock } from 'waybill/runtime';
import type { TenantTable, TenantTableReader } from 'waybill/tenancy';
import type { Money } from '../money.ts';
import { CACHED_LIST, type CachedPriceList } from './cached-price-list.ts';
import { ALL_PRODUCTS, type Product } from './product.ts';
import type { PRICE_LISTS_TABLE } from './table.ts';

/** By SKU; null of goods that are sold at a price of their own each time. */
export type Prices = ReadonlyMap<string, Money | null>;

/** What the catalog offers to other services: all prices of the tenant at work. */
export interface PriceList {
  /**
   * Cached prices lag behind a change as long as its event takes, and five minutes at the very most.
   * @param options fresh: from the products themselves @default { fresh: false }
   */
  read(options?: { readonly fresh?: boolean }): Promise<Prices>;
}

export interface PriceListDeps {
  readonly products: Pick<TenantTableReader<Product>, 'query'>;
  readonly cache: Pick<TenantTable<CachedPriceList, KeyOf<typeof PRICE_LISTS_TABLE>>, 'get' | 'put'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** For the case that an event which should make the list invalid became a dead letter. */
const PRICE_LIST_TTL_MS = 300_000;

/**
 * The price list, cache-aside: one item with all prices, written by whoever misses it.
 *
 * The stamp is read before the products are, and must still stand when the list is written. Each change moves it: so a
 * list that was read before a change is never written after the change has made the cache invalid.
 */
export function createPriceList({ products, cache, clock, logger }: PriceListDeps): PriceList {
  const readProducts = async (): Promise<Prices> => {
    const prices = new Map<string, Money | null>();
    let after: string | undefined;
    do {
      const page = await products.query({ ...ALL_PRODUCTS, limit: 1000, ...(after === undefined ? {} : { after }) });
      for (const { sku, price } of page.items) prices.set(sku, price);
      after = page.next;
    } while (after !== undefined);
    return prices;
  };

  const keep = async (prices: Prices, stamp: number | undefined): Promise<void> => {
    const item = {
      ...CACHED_LIST,
      stamp: stamp ?? 0,
      prices: JSON.stringify([...prices]),
      freshUntil: addMs(clock.now(), PRICE_LIST_TTL_MS),
    };
    await cache.put({
      Item: item,
      ...ifUnchanged('stamp', stamp),
    });
  };

  return {
    async read({ fresh = false } = {}) {
      const cached = await cache.get(CACHED_LIST);
      if (!fresh && cached?.prices !== undefined && (cached.freshUntil ?? 0) > clock.now()) return cached.prices;
      const prices = await readProducts();
      try {
        await keep(prices, cached?.stamp);
      } catch (error) {
        // who only wants to know a price need not fail for the cache
        if (hasCode(error, 'OUTBOX_CONDITION_FAILED')) {
          logger.info('the price list changed while it was read, and is not cached');
        } else {
          logger.warn('the price list could not be cached', { error });
        }
      }
      return prices;
    },
  };
}
