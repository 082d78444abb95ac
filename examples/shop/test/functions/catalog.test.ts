import { Logger } from '@aws-lambda-powertools/logger';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHarness } from 'waybill/testing';
import { lambdaContext } from '../../../../test/fixtures/lambda-context.ts';
import { cachedPriceListSchema } from '../../functions/catalog/cached-price-list.ts';
import { ProductChanged } from '../../functions/catalog/events.ts';
import { createCatalogHandlers } from '../../functions/catalog/handler.ts';
import { createPriceList, type PriceListDeps } from '../../functions/catalog/price-list.ts';
import { productSchema } from '../../functions/catalog/product.ts';
import { PRICE_LISTS_TABLE, PRODUCTS_TABLE } from '../../functions/catalog/table.ts';
import { createChangeProduct } from '../../functions/change-product/handler.ts';

const gbp = (minorUnits: number) => ({ currency: 'GBP', minorUnits });
const TEA = { sku: 'TEA', name: 'Tea', price: gbp(250) };
const log = () => new Logger({ logLevel: 'SILENT' });

function createRig(options: { readonly tenancy?: 'none' | 'required' } = {}) {
  const shop = createHarness({ ...options, tables: { products: PRODUCTS_TABLE, lists: PRICE_LISTS_TABLE } });
  const products = shop.table('products', (item) => productSchema.parse(item));
  const cache = shop.table('lists', (item) => cachedPriceListSchema.parse(item));
  const catalog = shop.serve(createCatalogHandlers({ cache }));
  const { outbox, tenancy, clock } = shop;
  const change = createChangeProduct({ products, outbox, tenancy, logger: log() });
  let queries = 0;
  const deps: PriceListDeps = {
    products: {
      query(request) {
        queries += 1;
        return products.query(request);
      },
    },
    cache,
    clock,
    logger: log(),
  };
  return {
    shop,
    catalog,
    cache,
    deps,
    priceList: createPriceList(deps),
    change: (command: unknown) => change(command, lambdaContext()),
    queries: () => queries,
  };
}

describe('change-product', () => {
  it('writes the product and its event together', async () => {
    const { shop, change } = createRig();

    expect(await change(TEA)).toStrictEqual({ sku: 'TEA', outcome: 'changed' });

    expect(shop.items('products')).toStrictEqual([{ catalog: 'products', ...TEA, version: 1 }]);
    expect(shop.events(ProductChanged)).toMatchObject([{ partitionkey: 'product#TEA', data: TEA }]);
  });

  it('changes nothing if the product already has these values', async () => {
    const { shop, change } = createRig();
    await change(TEA);

    expect(await change(TEA)).toStrictEqual({ sku: 'TEA', outcome: 'unchanged' });
    expect(await change({ ...TEA, price: null })).toStrictEqual({ sku: 'TEA', outcome: 'changed' });

    expect(shop.items('products')).toMatchObject([{ price: null, version: 2 }]);
    expect(shop.events()).toHaveLength(2);
  });

  it('serializes concurrent changes', async () => {
    const { shop, change } = createRig();
    const prices = [100, 200, 300, 400];

    await Promise.all(prices.map((price) => change({ ...TEA, price: gbp(price) })));

    expect(shop.items('products')).toMatchObject([{ version: 4 }]);
    expect(shop.events().map(({ sequence }) => Number(sequence))).toStrictEqual([1, 2, 3, 4]);
  });

  it('accepts SKUs with spaces, and keeps their groups apart', async () => {
    const { shop, change } = createRig();
    await change({ ...TEA, sku: 'BANK CHARGES' });
    await change({ ...TEA, sku: 'BANK%20CHARGES' });

    expect(shop.events().map(({ partitionkey }) => partitionkey)).toStrictEqual([
      'product#BANK%20CHARGES',
      'product#BANK%2520CHARGES',
    ]);
  });

  it.each([
    [{ sku: ' TEA' }, /sku: must be 1 to 36 printable ASCII characters/],
    [{ sku: 'T'.repeat(37) }, /sku: must be 1 to 36 printable ASCII characters/],
    [{ price: { currency: 'GBP', minorUnits: -1 } }, /price\.minorUnits: /],
    [{ price: undefined }, /price: /],
  ])('rejects %j', async (wrong, message) => {
    const { shop, change } = createRig();

    await expect(change({ ...TEA, ...wrong })).rejects.toMatchObject({
      code: 'CHANGE_PRODUCT_INVALID',
      message: expect.stringMatching(message),
    });
    expect(shop.events()).toStrictEqual([]);
  });
});

describe('the price list', () => {
  it('is read from the products once, and then from the cache', async () => {
    const { change, priceList, queries } = createRig();
    await change(TEA);
    await change({ sku: 'ASSORTED', name: 'Assorted goods', price: null });

    const lists = [await priceList.read(), await priceList.read()];

    const expected = new Map([
      ['ASSORTED', null],
      ['TEA', gbp(250)],
    ]);
    expect(lists).toStrictEqual([expected, expected]);
    expect(queries()).toBe(1);
  });

  it('is read again after the event of a change has invalidated it', async () => {
    const { catalog, change, priceList, queries } = createRig();
    await change(TEA);
    await priceList.read();
    await change({ ...TEA, price: gbp(300) });
    await catalog.when(ProductChanged, { ...TEA, price: gbp(300) });

    const lists = [await priceList.read(), await priceList.read()];

    expect(lists.map((list) => list.get('TEA'))).toStrictEqual([gbp(300), gbp(300)]);
    expect(queries()).toBe(2);
  });

  it('is read again after its lifetime if no event arrives', async () => {
    const { shop, change, priceList } = createRig();
    await change(TEA);
    await priceList.read();
    await change({ ...TEA, price: gbp(300) });
    const cached = await priceList.read();
    shop.advance(300_000);

    expect(cached.get('TEA')).toStrictEqual(gbp(250));
    expect((await priceList.read()).get('TEA')).toStrictEqual(gbp(300));
  });

  it('is not cached by a reader that read the products before a change has invalidated it', async () => {
    const { catalog, change, deps, cache, priceList } = createRig();
    await change(TEA);
    const slow = createPriceList({
      ...deps,
      products: {
        async query(request) {
          const page = await deps.products.query(request);
          await change({ ...TEA, price: gbp(300) });
          await catalog.when(ProductChanged, { ...TEA, price: gbp(300) });
          return page;
        },
      },
    });

    const stale = await slow.read();

    expect(stale.get('TEA')).toStrictEqual(gbp(250));
    expect((await cache.get({ list: 'prices' }))?.prices).toBeUndefined();
    expect((await priceList.read()).get('TEA')).toStrictEqual(gbp(300));
  });

  it('works without the cache if the cache cannot be written', async () => {
    const { change, deps } = createRig();
    await change(TEA);
    const cache = { ...deps.cache, put: () => Promise.reject(new Error('throttled')) };

    expect((await createPriceList({ ...deps, cache }).read()).get('TEA')).toStrictEqual(gbp(250));
  });

  it('is separate for each tenant', async () => {
    const { shop, change, priceList } = createRig({ tenancy: 'required' });
    await change({ ...TEA, tenantId: 'acme' });
    const read = (tenantId: string) => shop.tenancy.runAsTenant(tenantId, () => priceList.read());

    expect([...(await read('acme')).keys()]).toStrictEqual(['TEA']);
    expect([...(await read('globex')).keys()]).toStrictEqual([]);
    expect([...(await read('acme')).keys()]).toStrictEqual(['TEA']);
  });

  it('agrees with the products after all events are handled, whatever overlaps', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
        async (scheduler, prices) => {
          const { shop, change, deps, cache, priceList } = createRig();
          await change(TEA);
          const { query } = deps.products;
          const overlapping = createPriceList({
            ...deps,
            products: { query: (request) => scheduler.schedule(query(request)) },
            cache: {
              get: (key) => scheduler.schedule(cache.get(key)),
              put: (write) => scheduler.schedule(Promise.resolve()).then(() => cache.put(write)),
            },
          });
          const changed = prices.map((price) =>
            scheduler.schedule(Promise.resolve()).then(async () => {
              await change({ ...TEA, price: gbp(price) });
              await scheduler.schedule(Promise.resolve());
              await shop.runToEnd();
            }),
          );

          await scheduler.waitFor(Promise.all([overlapping.read(), overlapping.read(), ...changed]));

          const [product] = shop.items('products');
          expect((await priceList.read()).get('TEA')).toStrictEqual(product?.['price']);
        },
      ),
      { numRuns: 60 },
    );
  });
});
