import { isDeepStrictEqual } from 'node:util';
import { WaybillError } from 'waybill';
import { ifUnchanged } from 'waybill/outbox';
import type { SyncSink } from 'waybill/sync';
import type { TenantTable } from 'waybill/tenancy';
import { ProductChanged, ProductWithdrawn } from '../catalog/events.ts';
import { type Product, productKey } from '../catalog/product.ts';
import { contentOf, type ProductContent } from '../change-product/change-product.ts';

/** A supplier gave a product another SKU. */
class SkuChangedError extends WaybillError {
  readonly code = 'PRODUCT_SKU_CHANGED';
  override readonly disposition = 'permanent';

  constructor() {
    super('a product keeps its SKU: let the supplier withdraw this one, and add another');
  }
}

/** Somebody changed the product after the sync had read it. */
class ProductRaceError extends WaybillError {
  readonly code = 'PRODUCT_CHANGED';
  override readonly disposition = 'lost-race';

  constructor() {
    super('the product was changed meanwhile; nothing was written');
  }
}

/** The catalog as the sink of the suppliers' products: each change has one event. */
export const createProductSink = (products: TenantTable<Product>): SyncSink<ProductContent> => ({
  async find(sku) {
    const product = await products.get(productKey(sku));
    return product === undefined ? undefined : contentOf(product);
  },

  // products that were in the catalog before their supplier was connected
  match: async (sku) => (await products.get(productKey(sku)))?.sku,

  newId: ({ sku }) => sku,

  async collect(tx, { kind, localId, entity, before }) {
    const found = await products.get(productKey(localId));
    if (!isDeepStrictEqual(found && contentOf(found), before)) throw new ProductRaceError();
    if (kind === 'deleted') {
      products.within(tx).delete({ Key: productKey(localId), ...ifUnchanged('version', found?.version) });
      tx.publish(ProductWithdrawn, { sku: localId });
      return;
    }
    if (entity.sku !== localId) throw new SkuChangedError();
    products.within(tx).put({
      Item: { ...productKey(localId), ...entity, version: (found?.version ?? 0) + 1 },
      ...ifUnchanged('version', found?.version),
    });
    tx.publish(ProductChanged, entity);
  },
});
