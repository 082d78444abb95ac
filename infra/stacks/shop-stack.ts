import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { addPlaceOrder } from './shop/add-place-order.ts';
import { addService } from './shop/add-service.ts';
import { INVENTORY, ORDERS, PAYMENTS, SHIPPING } from './shop/services.ts';
import type { ShopProps } from './shop/shop-props.ts';

/** The reference shop: services that talk through events only, each with its own table. */
export class ShopStack extends Stack {
  constructor(scope: Construct, id: string, props: ShopProps) {
    const { deletionProtection } = props.hub.settings;
    super(scope, id, { description: 'Waybill: the reference shop', terminationProtection: deletionProtection });
    const ordersTable = addService(this, props, ORDERS);
    addService(this, props, PAYMENTS);
    addService(this, props, INVENTORY);
    addService(this, props, SHIPPING);
    addPlaceOrder(this, props, ordersTable);
  }
}
