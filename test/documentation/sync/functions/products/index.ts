import { createSyncConsumer, requireEnv } from 'waybill/runtime';
import { ProductChanged } from './events.ts';
import { supplier } from './supplier.ts';
import { productSync } from './sync.ts';
import { PRODUCTS_TABLE, PRODUCTS_TABLE_NAME, productSchema } from './table.ts';

const env = requireEnv(process.env, PRODUCTS_TABLE_NAME, 'SUPPLIER_URL');

export const handler = createSyncConsumer(productSync, ({ table }) => {
  const products = table(PRODUCTS_TABLE, env[PRODUCTS_TABLE_NAME], productSchema);
  return {
    sources: { supplier: supplier(env.SUPPLIER_URL) },
    sink: {
      find: (localId) => products.get({ localId }),
      collect(tx, { kind, localId, entity }) {
        if (kind === 'deleted') products.within(tx).delete({ Key: { localId } });
        else products.within(tx).put({ Item: { ...entity, localId } });
        tx.publish(ProductChanged, { sku: entity.sku, kind, price: entity.price });
      },
    },
  };
});
