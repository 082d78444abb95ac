import { handlersFor } from 'waybill/consumer';
import type { TenantTable } from 'waybill/tenancy';
import { type CachedPrice, invalidate } from './cached-price.ts';
import { catalog } from './subscription.ts';

export interface CatalogDeps {
  readonly cache: Pick<TenantTable<CachedPrice>, 'within'>;
}

export const createCatalogHandlers = ({ cache }: CatalogDeps) =>
  handlersFor(catalog, {
    'com.example.product.changed': ({ data: { sku } }, { tx, log }) => {
      invalidate(cache, tx, sku);
      log.info('cached price made invalid', { sku });
    },
    'com.example.product.withdrawn': ({ data: { sku } }, { tx, log }) => {
      invalidate(cache, tx, sku);
      log.info('cached price of a withdrawn product made invalid', { sku });
    },
  });
