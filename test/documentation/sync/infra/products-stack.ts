import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type EventHub, SyncEngine, tableFrom } from 'waybill/cdk';
import { ProductChanged } from '../functions/products/events.ts';
import { productSync } from '../functions/products/sync.ts';
import { PRODUCTS_TABLE, PRODUCTS_TABLE_NAME } from '../functions/products/table.ts';

export interface ProductsStackProps {
  readonly hub: EventHub;
  /** Of the supplier's feed. */
  readonly supplierUrl: string;
}

export class ProductsStack extends Stack {
  constructor(scope: Construct, id: string, { hub, supplierUrl }: ProductsStackProps) {
    super(scope, id);
    const engine = new SyncEngine(this, 'ProductSync', {
      hub,
      sync: productSync,
      entry: 'functions/products/index.ts',
      publishes: [ProductChanged],
      environment: { SUPPLIER_URL: supplierUrl },
    });
    const products = tableFrom(this, 'Products', PRODUCTS_TABLE, hub.settings);
    engine.consumer.function.useTable(products, PRODUCTS_TABLE_NAME, ['GetItem', 'PutItem', 'DeleteItem']);
  }
}
