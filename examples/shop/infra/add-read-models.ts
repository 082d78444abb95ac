import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type ProjectedView, ReadModel, type ViewQueries, WaybillFunction } from 'waybill/cdk';
import { orderOverview } from '../functions/order-overview/projection.ts';
import { ORDER_OVERVIEW_INDEX } from '../functions/order-overview/table.ts';
import { revenueByDay } from '../functions/revenue-by-day/projection.ts';
import { SHOP_FUNCTION, type ShopProps } from './shop-props.ts';

interface View {
  readonly id: string;
  readonly projection: ProjectedView;
  readonly query: { readonly id: string; readonly asks: ViewQueries; readonly description: string };
}

const VIEWS: readonly View[] = [
  {
    id: 'OrderOverview',
    projection: orderOverview,
    query: {
      id: 'QueryOrders',
      asks: { items: true, indexes: [ORDER_OVERVIEW_INDEX.byCustomer, ORDER_OVERVIEW_INDEX.byStatus] },
      description: 'Waybill shop: finds orders by id, customer or status',
    },
  },
  {
    id: 'RevenueByDay',
    projection: revenueByDay,
    query: {
      id: 'QueryRevenue',
      asks: { partitions: true },
      description: 'Waybill shop: tells the revenue of a day, a month or a year',
    },
  },
];

/** What the shop shows of itself, made from its events alone. */
export function addReadModels(scope: Construct, { hub }: ShopProps): void {
  for (const { id, projection, query } of VIEWS) {
    const folder = `examples/shop/functions/${projection.name}`;
    const readModel = new ReadModel(scope, id, {
      hub,
      projection,
      entry: `${folder}/index.ts`,
      rebuildEntry: `${folder}/rebuild/index.ts`,
      ...SHOP_FUNCTION,
    });
    const reader = new WaybillFunction(scope, query.id, {
      entry: `${folder}/query/index.ts`,
      serviceName: `${projection.name}-query`,
      settings: hub.settings,
      ...SHOP_FUNCTION,
      description: query.description,
    });
    readModel.grantQuery(reader, query.asks);
    new CfnOutput(scope, `${query.id}FunctionName`, { value: reader.functionName });
  }
}
