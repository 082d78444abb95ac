import type { Construct } from 'constructs';
import { ProcessManager } from 'waybill/cdk';
import { orderFulfilment } from '../functions/order-fulfilment/saga.ts';
import { SHOP_FUNCTION, type ShopProps } from './shop-props.ts';

/** Who sends the services their commands, where they do not follow each other's events. */
export function addOrderFulfilment(scope: Construct, { hub, settings }: ShopProps): void {
  if (settings.fulfilment !== 'orchestrated') return;
  new ProcessManager(scope, 'OrderFulfilment', {
    hub,
    saga: orderFulfilment,
    entry: 'examples/shop/functions/order-fulfilment/index.ts',
    ...SHOP_FUNCTION,
  });
}
