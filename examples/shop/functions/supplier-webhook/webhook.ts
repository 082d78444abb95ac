import { syncChanged } from 'waybill';
import { defineWebhook, on, publish, standardWebhooks } from 'waybill/webhook';
import { supplierItemSchema } from '../product-sync/supplier-b.ts';
import { SUPPLIER_B } from '../product-sync/supplier-tokens.ts';
import { productSync } from '../product-sync/sync.ts';
import * as z from '../zod.ts';

const ProductChangeCarried = syncChanged(productSync);

const changedSchema = z.object({ data: supplierItemSchema });

const define = <const Path extends string>(path: Path) =>
  defineWebhook({
    name: 'supplier-b',
    path,
    scheme: standardWebhooks(),
    events: {
      'product.changed': on(changedSchema, [ProductChangeCarried], ({ data }) => {
        const { gtin, revision, removed = false } = data;
        const known = { externalId: gtin, ...(revision !== undefined && { version: revision }) };
        return publish(ProductChangeCarried, {
          provider: SUPPLIER_B,
          trigger: 'webhook',
          change: removed
            ? { kind: 'delete', ...known }
            : // a message that only names the product: the sync asks for it
              { kind: 'upsert', ...known, ...('articleCode' in data && { raw: data }) },
        });
      }),
    },
  });

/** Where supplier B tells of changed products. */
export const supplierWebhook = define('/webhooks/supplier-b');

/** The same in a deployment with tenants. */
export const supplierWebhookOfTenants = define('/webhooks/{tenant}/supplier-b');
