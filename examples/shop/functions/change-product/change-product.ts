import { isDeepStrictEqual } from 'node:util';
import { ifUnchanged, type UnitOfWork } from 'waybill/outbox';
import type { TenantTable } from 'waybill/tenancy';
import { ProductChanged } from '../catalog/events.ts';
import { type Product, productKey } from '../catalog/product.ts';

/** What a caller says of a product. */
export type ProductContent = Pick<Product, 'sku' | 'name' | 'price'>;

/** `unchanged`: the product is so already; nothing is written. */
export type ProductChange = 'changed' | 'unchanged';

/**
 * Collects a new product, or another name or price of one. If another change commits first, the commit fails with
 * `OUTBOX_CONDITION_FAILED`: run it again.
 * @param mayChange throws if the product, as it is, may not be changed by this caller; undefined is a new one
 */
export async function changeProduct(
  tx: UnitOfWork,
  wanted: ProductContent,
  products: TenantTable<Product>,
  mayChange: (before: Product | undefined) => void = () => undefined,
): Promise<ProductChange> {
  const before = await products.get(productKey(wanted.sku));
  if (before !== undefined && isDeepStrictEqual(wanted, contentOf(before))) return 'unchanged';
  mayChange(before);
  products.within(tx).put({
    Item: { ...productKey(wanted.sku), ...wanted, version: (before?.version ?? 0) + 1 },
    ...ifUnchanged('version', before?.version),
  });
  tx.publish(ProductChanged, wanted);
  return 'changed';
}

export const contentOf = ({ sku, name, price }: Product): ProductContent => ({ sku, name, price });
