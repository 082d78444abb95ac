import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SyncMode, syncRequested } from 'waybill';
import { createExternalClient } from 'waybill/runtime';
import { createSync, parseSyncItem, SYNC_TABLE } from 'waybill/sync';
import { createHarness, createSilentLogger, createSilentMetrics } from 'waybill/testing';
import { createMovableClock } from '../../../../local/clock.ts';
import { ProductChanged, ProductWithdrawn } from '../../functions/catalog/events.ts';
import { CATALOG, productSchema } from '../../functions/catalog/product.ts';
import { PRODUCTS_TABLE } from '../../functions/catalog/table.ts';
import { createProductSink } from '../../functions/product-sync/product-sink.ts';
import { createSupplierA } from '../../functions/product-sync/supplier-a.ts';
import { createSupplierB } from '../../functions/product-sync/supplier-b.ts';
import { createSupplierLogin } from '../../functions/product-sync/supplier-tokens.ts';
import { productSync } from '../../functions/product-sync/sync.ts';
import { type ExternalServices, openExternalServices } from '../../local/external/external-services.ts';

let external: ExternalServices;

beforeEach(async () => {
  external = await openExternalServices({ clock: createMovableClock() });
});
afterEach(() => external.close());

/** The sync in the production consumer, with its adapters, and the suppliers behind HTTP. */
async function createShop() {
  const shop = createHarness({ tables: { sync: SYNC_TABLE, products: PRODUCTS_TABLE } });
  const products = shop.table('products', (item) => productSchema.parse(item));
  const feeds = external.suppliers.open(undefined);
  const runtime = {
    clock: shop.clock,
    random: () => 0.5,
    logger: createSilentLogger('product-sync'),
    metrics: createSilentMetrics('product-sync'),
  } as unknown as Parameters<typeof createExternalClient>[1];
  const { supplierAUrl, supplierBUrl, suppliers } = external;
  const login = createSupplierLogin(
    createExternalClient({ name: 'login', baseUrl: supplierBUrl }, runtime),
    shop.clock,
  );
  const { access } = await login.exchange({ code: suppliers.tokens.newCode(undefined) }, AbortSignal.timeout(5_000));
  let tokens = 0;
  const sync = createSync(productSync, {
    outbox: shop.outbox,
    clock: shop.clock,
    table: shop.table('sync', parseSyncItem) as Parameters<typeof createSync>[1]['table'],
    newToken: () => `token-${++tokens}`,
    logger: createSilentLogger('product-sync'),
    metrics: createSilentMetrics('product-sync'),
    sources: {
      'supplier-a': createSupplierA(createExternalClient({ name: 'supplier-a', baseUrl: supplierAUrl }, runtime)),
      'supplier-b': createSupplierB(
        createExternalClient(
          { name: 'supplier-b', baseUrl: supplierBUrl, headers: () => ({ authorization: `Bearer ${access}` }) },
          runtime,
        ),
      ),
    },
    sink: createProductSink(products),
  });
  shop.serve(sync.handlers);
  const run = async (provider: 'supplier-a' | 'supplier-b', mode: SyncMode = 'increment') => {
    await shop.publish(syncRequested(productSync), { provider, mode, trigger: 'manual' });
    await shop.runToEnd();
  };
  return { shop, products, run, a: feeds['supplier-a'], b: feeds['supplier-b'] };
}

const tea = { sku: 'TEA', name: 'Tea', price: { currency: 'GBP', minorUnits: 695 } };
const key = { catalog: CATALOG, sku: 'TEA' } as const;

describe('the sync of products', () => {
  it("makes one product of both suppliers' records, with A's price and B's name, and an event for each change", async () => {
    const { shop, products, run, a, b } = await createShop();
    a.put({ ...tea, price: { currency: 'GBP', minorUnits: 750 } });
    a.clock.advance(600);
    b.put(tea);

    await run('supplier-a');
    await run('supplier-b');
    await run('supplier-a', 'reconcile');

    expect(await products.get(key)).toMatchObject({ name: 'Tea', price: { minorUnits: 750 }, version: 2 });
    expect(shop.events(ProductChanged).map(({ data }) => [data.name, data.price?.minorUnits])).toStrictEqual([
      ['TEA', 750],
      ['Tea', 750],
    ]);
  });

  it('takes over a product that was in the catalog before', async () => {
    const { shop, products, run, b } = await createShop();
    await products.put({ Item: { catalog: CATALOG, ...tea, name: 'Old tea', version: 3 } });
    b.put(tea);

    await run('supplier-b');

    expect(await products.get(key)).toMatchObject({ name: 'Tea', version: 4 });
    expect(shop.events(ProductChanged)).toHaveLength(1);
  });

  it('withdraws a product once no supplier sells it', async () => {
    const { shop, products, run, a, b } = await createShop();
    a.put(tea);
    b.put(tea);
    a.clock.advance(600);
    await run('supplier-a');
    await run('supplier-b');

    b.remove('TEA');
    await run('supplier-b');
    const left = await products.get(key);
    a.remove('TEA');
    await run('supplier-a', 'reconcile');

    expect(left).toMatchObject({ name: 'TEA' });
    expect(await products.get(key)).toBeUndefined();
    expect(shop.events(ProductWithdrawn).map(({ data }) => data)).toStrictEqual([{ sku: 'TEA' }]);
  });

  it('refuses a record that becomes another product', async () => {
    const { shop, products, run, b } = await createShop();
    b.put(tea);
    await run('supplier-b');
    const cup = { ...tea, sku: 'CUP' };

    const changing = shop.outbox.transact(async (tx) =>
      createProductSink(products).collect(tx, {
        ...{ kind: 'updated', localId: 'TEA', entity: cup, before: tea, changed: ['sku'] },
        ...{ provider: 'supplier-b', externalId: '1', version: 2, origin: 'poll' },
      }),
    );

    await expect(changing).rejects.toMatchObject({ code: 'PRODUCT_SKU_CHANGED', disposition: 'permanent' });
    expect(await products.get(key)).toMatchObject({ name: 'Tea', version: 1 });
  });

  it('decides again after somebody else has changed the product', async () => {
    const { shop, products, run, b } = await createShop();
    b.put(tea);
    await run('supplier-b');

    const changing = shop.outbox.transact(async (tx) =>
      createProductSink(products).collect(tx, {
        ...{ kind: 'updated', localId: 'TEA', entity: tea, before: { ...tea, name: 'Old tea' }, changed: ['name'] },
        ...{ provider: 'supplier-b', externalId: '1', version: 2, origin: 'poll' },
      }),
    );

    await expect(changing).rejects.toMatchObject({ code: 'PRODUCT_CHANGED', disposition: 'lost-race' });
  });
});
