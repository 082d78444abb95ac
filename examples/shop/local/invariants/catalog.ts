import { counted } from '../../../../local/view/counted.ts';
import type { Product } from '../../functions/catalog/product.ts';
import type { Money } from '../../functions/money.ts';
import { gtinOf, type Line } from '../external/suppliers/assortment.ts';
import type { SupplierTokens } from '../external/suppliers/supplier-tokens.ts';
import type { AccountFeeds } from '../external/suppliers/suppliers.ts';
import type { SyncFacts, SyncRecord } from '../syncs/sync-facts.ts';
import { type Invariant, invariant, ofTenant } from './invariant.ts';
import type { Owned } from './owned-items.ts';
import { byTenant, type ShopFacts } from './shop-facts.ts';

const PRODUCTS = 'products';
const STOCK = 'stock';

interface Shown {
  readonly name: string;
  readonly price: Money | null;
}

/**
 * The catalog is what the suppliers sell: supplier B's name and supplier A's price, if both sell a product. What is parked
 * is left out, and nothing is parked that could be read.
 */
export function checkCatalog(
  products: readonly Owned<Product>[],
  feeds: readonly AccountFeeds[],
  { records }: Pick<SyncFacts, 'records'>,
): Invariant {
  const productsOf = byTenant(products);
  const parked = records.filter(({ sync, record }) => sync === PRODUCTS && record.parked !== undefined);
  const wrong: string[] = [];
  let compared = 0;
  let withdrawn = 0;
  for (const { account, 'supplier-a': a, 'supplier-b': b } of feeds) {
    const catalog = new Map(productsOf.of(account).map((product) => [product.sku, product]));
    const parkedOf = (provider: string) =>
      new Set(
        parked
          .filter((each) => each.tenantId === account && each.provider === provider)
          .map(({ record }) => record.externalId),
      );
    const [parkedAtA, parkedAtB] = [parkedOf('supplier-a'), parkedOf('supplier-b')];
    for (const sku of new Set([...a.lines(), ...b.lines()].map((line) => line.sku))) {
      const [lineA, lineB] = [a.line(sku), b.line(sku)];
      const isParkedAt = { a: parkedAtA.has(sku), b: parkedAtB.has(gtinOf(sku)) };
      for (const [isParked, line, name] of [
        [isParkedAt.a, lineA, 'A'],
        [isParkedAt.b, lineB, 'B'],
      ] as const) {
        const isBroken = line?.isDrifted === true && !line.isRemoved;
        if (isParked && !isBroken) wrong.push(`${sku}${ofTenant(account)} of supplier ${name} is parked, and is well`);
        if (!isParked && isBroken && line.price !== null) {
          wrong.push(`${sku}${ofTenant(account)} of supplier ${name} cannot be read, and is not parked`);
        }
      }
      if (isParkedAt.a || isParkedAt.b) continue;
      const expected = mergedOf(lineA, lineB);
      const found = catalog.get(sku);
      if (expected === undefined) withdrawn++;
      else compared++;
      if (textOf(found) !== textOf(expected)) {
        wrong.push(`${sku}${ofTenant(account)} is ${textOf(found)}; the suppliers have ${textOf(expected)}`);
      }
    }
  }
  const detail = [`${compared} products sold, ${withdrawn} withdrawn, ${parked.length} parked`];
  return invariant('syncs: the catalog is what the suppliers sell, but for what is parked', detail, wrong);
}

function mergedOf(a: Line | undefined, b: Line | undefined): Shown | undefined {
  const [soldByA, soldByB] = [a, b].map((line) => (line?.isRemoved === false ? line : undefined));
  const name = soldByB?.name ?? soldByA?.name.toUpperCase();
  const price = soldByA === undefined ? soldByB?.price : soldByA.price;
  return name === undefined ? undefined : { name, price: price ?? null };
}

const textOf = (shown: Shown | undefined): string =>
  shown === undefined
    ? 'not there'
    : `'${shown.name}' at ${shown.price === null ? 'any price' : `${shown.price.minorUnits} ${shown.price.currency}`}`;

/** Records of several providers that are one product have one local id, and no product exists twice. */
export function checkEntitiesOnce({ records }: Pick<SyncFacts, 'records'>): Invariant {
  const wrong: string[] = [];
  const alive = records.filter(({ record }) => record.shadow?.isDeleted === false);
  const keyOf = ({ tenantId, sync, provider, record }: SyncRecord) =>
    JSON.stringify([tenantId ?? null, sync, provider, record.shadow?.localId]);
  for (const [key, same] of Map.groupBy(alive, keyOf)) {
    if (same.length > 1) wrong.push(`${key} has the records ${same.map(({ record }) => record.externalId).join(', ')}`);
  }
  const products = alive.filter(({ sync }) => sync === PRODUCTS);
  for (const { provider, tenantId, record } of products) {
    const { localId, fields } = record.shadow ?? {};
    if (localId !== fields?.['sku']) {
      wrong.push(`${record.externalId} of ${provider}${ofTenant(tenantId)} is ${localId}, and says ${fields?.['sku']}`);
    }
  }
  const entities = new Set(products.map(({ tenantId, record }) => `${tenantId} ${record.shadow?.localId}`)).size;
  return invariant('syncs: no entity twice', [`${products.length} records of ${entities} products`], wrong);
}

/** Supplier B lists what the shop has on hand of each product that it sells, whatever somebody there has counted. */
export function checkStockList(
  { stock }: Pick<ShopFacts, 'stock'>,
  products: readonly Pick<Product, 'sku'>[],
  feeds: readonly AccountFeeds[],
): Invariant {
  const stockOf = byTenant(stock);
  const wrong: string[] = [];
  let compared = 0;
  let written = 0;
  for (const { account, stock: list } of feeds) {
    written += list.written();
    const onHand = new Map(stockOf.of(account).map(({ sku, available }) => [sku, available]));
    for (const { sku } of products) {
      const listed = list.pieces(sku);
      if (listed === undefined) continue;
      compared++;
      if (listed !== onHand.get(sku)) {
        wrong.push(`${sku}${ofTenant(account)}: ${onHand.get(sku) ?? 0} on hand, supplier B lists ${listed}`);
      }
    }
  }
  const detail = [`${compared} products, written ${counted(written, 'time')}`];
  return invariant('syncs: supplier B lists what is on hand', detail, wrong);
}

/** Nothing that the shop has written comes back as a change: the shop's own figure of its stock counts. */
export function checkEchoes({ runs, items }: Pick<SyncFacts, 'runs' | 'items'>): Invariant {
  const ofStock = new Set(runs.filter(({ sync }) => sync === STOCK).map(({ runId }) => runId));
  const own = items.filter(({ runId }) => ofStock.has(runId));
  const wrong = own
    .filter(({ outcome }) => outcome === 'updated' || outcome === 'deleted')
    .map(({ externalId, outcome, tenantId }) => `${externalId}${ofTenant(tenantId)} was ${outcome} by supplier B`);
  return invariant('syncs: no echo took effect', [`${counted(ofStock.size, 'run')} over what was written`], wrong);
}

/** A refresh token of a supplier works once: none was sent again after another one had come for it. */
export function checkTokens({ burnt, refreshed }: Pick<SupplierTokens, 'burnt' | 'refreshed'>): Invariant {
  const wrong = burnt() === 0 ? [] : [`${counted(burnt(), 'token')} was sent again after its use`];
  return invariant('syncs: no token is lost', [`refreshed ${counted(refreshed(), 'time')}`], wrong);
}
