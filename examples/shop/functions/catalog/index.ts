import { consumer, requireEnv } from 'waybill/runtime';
import { cachedPriceSchema } from './cached-price.ts';
import { createCatalogHandlers } from './handler.ts';
import { catalog } from './subscription.ts';
import { PRICE_LISTS_TABLE, PRICE_LISTS_TABLE_NAME } from './table.ts';

const { [PRICE_LISTS_TABLE_NAME]: tableName } = requireEnv(process.env, PRICE_LISTS_TABLE_NAME);

export const handler = consumer(catalog, (runtime) => {
  const cache = runtime.table(PRICE_LISTS_TABLE, tableName, cachedPriceSchema);

  return createCatalogHandlers({ cache });
});
