import type { Construct } from 'constructs';
import { orderFulfilment } from '../../../functions/shop/order-fulfilment/saga.ts';
import { ProcessManager } from '../../constructs/process-manager.ts';
import { SHOP_FUNCTION, type ShopProps } from './shop-props.ts';

/** Who sends the services their commands, where they do not follow each other's events. */
export function addOrderFulfilment(scope: Construct, { hub, settings }: ShopProps): void {
  if (settings.fulfilment !== 'orchestrated') return;
  new ProcessManager(scope, 'OrderFulfilment', {
    hub,
    saga: orderFulfilment,
    entry: 'functions/shop/order-fulfilment/index.ts',
    ...SHOP_FUNCTION,
  });
}
