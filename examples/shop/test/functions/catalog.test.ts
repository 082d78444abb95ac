import { Logger } from '@aws-lambda-powertools/logger';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHarness } from 'waybill/testing';
import { lambdaContext } from '../../../../test/fixtures/lambda-context.ts';
import { cachedPriceKey, cachedPriceSchema } from '../../functions/catalog/cached-price.ts';
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
  const cache = shop.table('lists', (item) => cachedPriceSchema.parse(item));
  const catalog = shop.serve(createCatalogHandlers({ cache }));
  const { outbox, tenancy, clock } = shop;
  const change = createChangeProduct({ products, outbox, tenancy, logger: log() });
  /** The SKUs of each read of products. */
  const reads: (readonly string[])[] = [];
  const deps: PriceListDeps = {
    products: {
      getBatch(keys) {
        reads.push(keys.map(({ sku }) => sku));
        return products.getBatch(keys);
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
    reads,
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
  it('has the prices of the products asked for, each read once and then from the cache', async () => {
    const { change, priceList, reads } = createRig();
    await change(TEA);
    await change({ sku: 'ASSORTED', name: 'Assorted goods', price: null });
    await change({ sku: 'CUP', name: 'Cup', price: gbp(825) });

    const first = await priceList.read(['TEA', 'ASSORTED', 'TEA']);
    const second = await priceList.read(['TEA', 'CUP', 'ASSORTED']);

    expect(Object.fromEntries(first)).toStrictEqual({ TEA: gbp(250), ASSORTED: null });
    expect(Object.fromEntries(second)).toStrictEqual({ TEA: gbp(250), ASSORTED: null, CUP: gbp(825) });
    expect(reads).toStrictEqual([['TEA', 'ASSORTED'], ['CUP']]);
  });

  it('has no price of a product that the catalog does not know, and finds it once it is added', async () => {
    const { shop, change, priceList } = createRig();

    expect(await priceList.read(['SAND'])).toStrictEqual(new Map());
    expect(shop.items('lists')).toStrictEqual([]);

    await change({ ...TEA, sku: 'SAND' });
    expect(await priceList.read(['SAND'])).toStrictEqual(new Map([['SAND', gbp(250)]]));
  });

  it('reads only the products of an order, however many the catalog has', async () => {
    const { deps } = createRig();
    const skuOf = (index: number) => `SKU-${index}`;
    const reads: number[] = [];
    const million: PriceListDeps['products'] = {
      getBatch: async (keys) => {
        reads.push(keys.length);
        return keys.map(({ sku }) => {
          const index = Number(sku.slice(4));
          const product = { catalog: 'products' as const, sku, name: sku, price: gbp(index), version: 1 };
          return index < 1_000_000 ? product : undefined;
        });
      },
    };
    const order = Array.from({ length: 90 }, (_, line) => skuOf(line * 11_111));
    const list = createPriceList({ ...deps, products: million });

    const prices = [await list.read(order), await list.read(order)];

    expect(prices.map((read) => [read.size, read.get('SKU-988879')])).toStrictEqual([
      [90, gbp(988_879)],
      [90, gbp(988_879)],
    ]);
    expect(reads).toStrictEqual([90]);
  });

  it('reads a product again after the event of its change, and no other', async () => {
    const { catalog, change, priceList, reads } = createRig();
    await change(TEA);
    await change({ sku: 'CUP', name: 'Cup', price: gbp(825) });
    await priceList.read(['TEA', 'CUP']);
    await change({ ...TEA, price: gbp(300) });
    await catalog.when(ProductChanged, { ...TEA, price: gbp(300) });

    const lists = [await priceList.read(['TEA', 'CUP']), await priceList.read(['TEA', 'CUP'])];

    expect(lists.map((list) => list.get('TEA'))).toStrictEqual([gbp(300), gbp(300)]);
    expect(reads).toStrictEqual([['TEA', 'CUP'], ['TEA']]);
  });

  it('reads a product again after the lifetime of its price if no event arrives', async () => {
    const { shop, change, priceList } = createRig();
    await change(TEA);
    await priceList.read(['TEA']);
    await change({ ...TEA, price: gbp(300) });
    const cached = await priceList.read(['TEA']);
    shop.advance(300_000);

    expect(cached.get('TEA')).toStrictEqual(gbp(250));
    expect((await priceList.read(['TEA'])).get('TEA')).toStrictEqual(gbp(300));
  });

  it('reads the products themselves if it is asked to, and caches what it reads', async () => {
    const { change, priceList } = createRig();
    await change(TEA);
    await priceList.read(['TEA']);
    await change({ ...TEA, price: gbp(300) });

    expect((await priceList.read(['TEA'], { fresh: true })).get('TEA')).toStrictEqual(gbp(300));
    expect((await priceList.read(['TEA'])).get('TEA')).toStrictEqual(gbp(300));
  });

  it('is not cached by a reader that read the product before a change has invalidated it', async () => {
    const { catalog, change, deps, cache, priceList } = createRig();
    await change(TEA);
    const slow = createPriceList({
      ...deps,
      products: {
        async getBatch(keys) {
          const read = await deps.products.getBatch(keys);
          await change({ ...TEA, price: gbp(300) });
          await catalog.when(ProductChanged, { ...TEA, price: gbp(300) });
          return read;
        },
      },
    });

    const stale = await slow.read(['TEA']);

    expect(stale.get('TEA')).toStrictEqual(gbp(250));
    expect((await cache.get(cachedPriceKey('TEA')))?.price).toBeUndefined();
    expect((await priceList.read(['TEA'])).get('TEA')).toStrictEqual(gbp(300));
  });

  it('works without the cache if the cache cannot be written', async () => {
    const { change, deps } = createRig();
    await change(TEA);
    const cache = { ...deps.cache, transact: () => Promise.reject(new Error('throttled')) };

    expect((await createPriceList({ ...deps, cache }).read(['TEA'])).get('TEA')).toStrictEqual(gbp(250));
  });

  it('is separate for each tenant', async () => {
    const { shop, change, priceList } = createRig({ tenancy: 'required' });
    await change({ ...TEA, tenantId: 'acme' });
    const read = (tenantId: string) => shop.tenancy.runAsTenant(tenantId, () => priceList.read(['TEA']));

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
          const overlapping = createPriceList({
            ...deps,
            products: { getBatch: (keys) => scheduler.schedule(deps.products.getBatch(keys)) },
            cache: {
              getBatch: (keys) => scheduler.schedule(cache.getBatch(keys)),
              transact: (collect) => scheduler.schedule(Promise.resolve()).then(() => cache.transact(collect)),
            },
          });
          const changed = prices.map((price) =>
            scheduler.schedule(Promise.resolve()).then(async () => {
              await change({ ...TEA, price: gbp(price) });
              await scheduler.schedule(Promise.resolve());
              await shop.runToEnd();
            }),
          );

          await scheduler.waitFor(Promise.all([overlapping.read(['TEA']), overlapping.read(['TEA']), ...changed]));

          const [product] = shop.items('products');
          expect((await priceList.read(['TEA'])).get('TEA')).toStrictEqual(product?.['price']);
        },
      ),
      { numRuns: 60 },
    );
  });
});
