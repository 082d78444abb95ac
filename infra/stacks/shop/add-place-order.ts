import { CfnOutput } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { OrderPlaced } from '../../../functions/shop/orders/events.ts';
import { ORDERS_TABLE_NAME } from '../../../functions/shop/orders/table.ts';
import { WaybillFunction } from '../../constructs/waybill-function.ts';
import { SHOP_TIMEOUT, type ShopProps } from './shop-props.ts';

/** The way in of orders. */
export function addPlaceOrder(scope: Construct, { hub }: ShopProps, ordersTable: Table): WaybillFunction {
  const placeOrder = new WaybillFunction(scope, 'PlaceOrder', {
    entry: 'functions/shop/place-order/index.ts',
    serviceName: 'place-order',
    settings: hub.settings,
    timeout: SHOP_TIMEOUT,
    description: 'Waybill shop: the way in; writes an order and its first event',
  });
  placeOrder.useTable(ordersTable, ORDERS_TABLE_NAME, ['PutItem']);
  hub.grantPublish(placeOrder, [OrderPlaced]);
  new CfnOutput(scope, 'PlaceOrderFunctionName', { value: placeOrder.functionName });
  return placeOrder;
}
