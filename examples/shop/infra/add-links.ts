import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { LinkDeletionContinued } from 'waybill';
import { EventConsumer, LinkTable, WaybillFunction } from 'waybill/cdk';
import { PaymentLinkCascaded } from '../functions/order-links/events.ts';
import { orderLinks } from '../functions/order-links/subscription.ts';
import { SHOP_FUNCTION, type ShopProps } from './shop-props.ts';

/** The links between orders, payments and shipments: who keeps them, and who looks them up. */
export function addLinks(scope: Construct, { hub }: ShopProps): void {
  const { settings } = hub;
  const links = new LinkTable(scope, 'Links', { settings });

  const keeper = new EventConsumer(scope, 'OrderLinks', {
    hub,
    subscription: orderLinks,
    entry: 'examples/shop/functions/order-links/index.ts',
    ...SHOP_FUNCTION,
    publishes: [PaymentLinkCascaded, LinkDeletionContinued],
  });
  links.grantUse(keeper.function, ['get', 'create', 'setMetadata', 'findBySource', 'deleteAllFrom']);

  const findLinks = new WaybillFunction(scope, 'FindLinks', {
    entry: 'examples/shop/functions/find-links/index.ts',
    serviceName: 'find-links',
    settings,
    ...SHOP_FUNCTION,
    description: 'Waybill shop: looks up what an order, a payment or a shipment is linked with',
  });
  links.grantUse(findLinks, ['findByEntity']);
  new CfnOutput(scope, 'LinksTableName', { value: links.table.tableName });
  new CfnOutput(scope, 'FindLinksFunctionName', { value: findLinks.functionName });
}
