import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type ProjectedView, ReadModel, type ViewQueries, WaybillFunction } from 'waybill/cdk';
import { orderOverview } from '../functions/order-overview/projection.ts';
import { ORDER_OVERVIEW_INDEX } from '../functions/order-overview/table.ts';
import { orderTracking } from '../functions/order-tracking/projection.ts';
import { revenueByDay } from '../functions/revenue-by-day/projection.ts';
import { SHOP_FUNCTION, type ShopProps } from './shop-props.ts';

interface View {
  readonly projection: ProjectedView;
  /** @default - none: the shop's API alone shows it */
  readonly query?: { readonly id: string; readonly asks: ViewQueries; readonly description: string };
}

/** By the id of its construct. */
const VIEWS = {
  OrderOverview: {
    projection: orderOverview,
    query: {
      id: 'QueryOrders',
      asks: { items: true, indexes: [ORDER_OVERVIEW_INDEX.byCustomer, ORDER_OVERVIEW_INDEX.byStatus] },
      description: 'Waybill shop: finds orders by id, customer or status',
    },
  },
  OrderTracking: { projection: orderTracking },
  RevenueByDay: {
    projection: revenueByDay,
    query: {
      id: 'QueryRevenue',
      asks: { partitions: true },
      description: 'Waybill shop: tells the revenue of a day, a month or a year',
    },
  },
} as const satisfies Record<string, View>;

export type ShopReadModels = { readonly [Id in keyof typeof VIEWS]: ReadModel };

/** What the shop shows of itself, made from its events alone. */
export function addReadModels(scope: Construct, { hub }: ShopProps): ShopReadModels {
  const add = (id: keyof ShopReadModels): ReadModel => {
    const { projection, query }: View = VIEWS[id];
    const folder = `examples/shop/functions/${projection.name}`;
    const readModel = new ReadModel(scope, id, {
      hub,
      projection,
      entry: `${folder}/index.ts`,
      rebuildEntry: `${folder}/rebuild/index.ts`,
      ...SHOP_FUNCTION,
    });
    if (query === undefined) return readModel;
    const reader = new WaybillFunction(scope, query.id, {
      entry: `${folder}/query/index.ts`,
      serviceName: `${projection.name}-query`,
      settings: hub.settings,
      ...SHOP_FUNCTION,
      description: query.description,
    });
    readModel.grantQuery(reader, query.asks);
    new CfnOutput(scope, `${query.id}FunctionName`, { value: reader.functionName });
    return readModel;
  };
  return {
    OrderOverview: add('OrderOverview'),
    OrderTracking: add('OrderTracking'),
    RevenueByDay: add('RevenueByDay'),
  };
}
