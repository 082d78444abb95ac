import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { hasCode } from 'waybill';
import { ifUnchanged, type Outbox } from 'waybill/outbox';
import type { Tenancy, TenantTable } from 'waybill/tenancy';
import { ProductChanged } from '../catalog/events.ts';
import { type Product, productKey } from '../catalog/product.ts';
import { readCommand } from '../command.ts';

export interface ChangeProductDeps {
  readonly products: TenantTable<Product>;
  readonly outbox: Outbox;
  readonly tenancy: Pick<Tenancy, 'runAsTenant'>;
  readonly logger: Logger;
}

export interface ChangeProductResult {
  readonly sku: string;
  /** `unchanged`: the product is so already; nothing was written. */
  readonly outcome: 'changed' | 'unchanged';
}

/** Lost races before the command is given up. */
const MOST_ATTEMPTS = 10;

/** Adds a product to the catalog, or gives it another name or price. The same command again changes nothing. */
export const createChangeProduct =
  ({ products, outbox, tenancy, logger }: ChangeProductDeps) =>
  async (command: unknown, context: Context): Promise<ChangeProductResult> => {
    logger.addContext(context);
    const { tenantId, content } = readCommand('change-product', ProductChanged.schema, command);
    const outcome = await tenancy.runAsTenant(tenantId, () => change(content, { products, outbox }));
    logger.info(`product ${outcome}`, { sku: content.sku, tenant_id: tenantId });
    return { sku: content.sku, outcome };
  };

async function change(
  wanted: Pick<Product, 'sku' | 'name' | 'price'>,
  { products, outbox }: Pick<ChangeProductDeps, 'products' | 'outbox'>,
): Promise<ChangeProductResult['outcome']> {
  for (let attempt = 1; ; attempt++) {
    const before = await products.get(productKey(wanted.sku));
    if (before !== undefined && isDeepStrictEqual(wanted, contentOf(before))) return 'unchanged';
    try {
      await outbox.transact((tx) => {
        products.within(tx).put({
          Item: { ...productKey(wanted.sku), ...wanted, version: (before?.version ?? 0) + 1 },
          ...ifUnchanged('version', before?.version),
        });
        tx.publish(ProductChanged, wanted);
      });
      return 'changed';
    } catch (error) {
      if (!hasCode(error, 'OUTBOX_CONDITION_FAILED') || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

const contentOf = ({ sku, name, price }: Product) => ({ sku, name, price });
