import { handlersFor } from 'waybill/consumer';
import type { TenantTable } from 'waybill/tenancy';
import { type CachedPriceList, invalidate } from './cached-price-list.ts';
import { catalog } from './subscription.ts';

export interface CatalogDeps {
  readonly cache: Pick<TenantTable<CachedPriceList>, 'within'>;
}

export const createCatalogHandlers = ({ cache }: CatalogDeps) =>
  handlersFor(catalog, {
    'com.example.product.changed': ({ data: { sku } }, { tx, log }) => {
      invalidate(cache, tx);
      log.info('price list made invalid', { sku });
    },
  });
