import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { Outbox } from 'waybill/outbox';
import type { Tenancy, TenantTable } from 'waybill/tenancy';
import { ProductChanged } from '../catalog/events.ts';
import type { Product } from '../catalog/product.ts';
import { readCommand } from '../command.ts';
import { transactAgain } from '../transact-again.ts';
import { changeProduct, type ProductChange } from './change-product.ts';

export interface ChangeProductDeps {
  readonly products: TenantTable<Product>;
  readonly outbox: Pick<Outbox, 'transact'>;
  readonly tenancy: Pick<Tenancy, 'runAsTenant'>;
  readonly logger: Logger;
}

export interface ChangeProductResult {
  readonly sku: string;
  readonly outcome: ProductChange;
}

/** Adds a product to the catalog, or gives it another name or price. The same command again changes nothing. */
export const createChangeProduct =
  ({ products, outbox, tenancy, logger }: ChangeProductDeps) =>
  async (command: unknown, context: Context): Promise<ChangeProductResult> => {
    logger.addContext(context);
    const { tenantId, content } = readCommand('change-product', ProductChanged.schema, command);
    const outcome = await tenancy.runAsTenant(tenantId, () =>
      transactAgain(outbox, (tx) => changeProduct(tx, content, products)),
    );
    logger.info(`product ${outcome}`, { sku: content.sku, tenant_id: tenantId });
    return { sku: content.sku, outcome };
  };
