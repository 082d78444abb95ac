import type { EntityOf, SyncSink } from 'waybill/sync';
import type { TenantTableReader } from 'waybill/tenancy';
import type { StockItem } from '../inventory/stock.ts';
import type { stockSync } from './sync.ts';

/** What is on hand, to be told. Nothing that a supplier lists changes it: goods come with receipts. */
export const createStockSink = (
  stock: Pick<TenantTableReader<StockItem>, 'get'>,
): SyncSink<EntityOf<typeof stockSync>> => ({
  async find(sku) {
    const item = await stock.get({ sku });
    return item === undefined ? undefined : { sku, pieces: item.available };
  },
  match: async (sku) => (await stock.get({ sku }))?.sku,
  newId: ({ sku }) => sku,
  collect: () => undefined,
});
