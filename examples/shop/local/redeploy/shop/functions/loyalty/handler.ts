import { type HandlerContext, handlersFor, type SubscriptionHandlers } from 'waybill/consumer';
import type { UnitOfWork } from 'waybill/outbox';
import type { TenantTable } from 'waybill/tenancy';
import * as z from '../../../../../functions/zod.ts';
import { PointsGranted, PointsGranted2 } from './events.ts';
import { loyalty, loyaltyWithPayments } from './subscription.ts';

/** Pounds come in pence. */
const PENCE_PER_POINT = 100;
const POINTS_FOR_PAYMENT = 1;

export const loyalOrderSchema = z.object({ orderId: z.string(), customerId: z.string(), points: z.int() });

type LoyalOrder = z.infer<typeof loyalOrderSchema>;

/** Publishes what an order has earned, in one of the versions of the event. */
export type Grant = (tx: UnitOfWork, order: LoyalOrder, reason: 'shipment' | 'payment') => void;

export const grantInVersion1: Grant = (tx, { orderId, customerId, points }) =>
  tx.publish(PointsGranted, { orderId, customerId, points });

export const grantInVersion2: Grant = (tx, { orderId, customerId, points }, reason) =>
  tx.publish(PointsGranted2, { orderId, customerId, points, reason });

export interface LoyaltyDeps {
  readonly orders: Pick<TenantTable<LoyalOrder>, 'get' | 'within'>;
  readonly grant: Grant;
}

type About<Data> = { readonly data: Data };

function createLoyalty({ orders, grant }: LoyaltyDeps) {
  /** Orders that were placed before there was a loyalty programme earn nothing. */
  const grantFor = async (orderId: string, reason: 'shipment' | 'payment', { tx, log }: HandlerContext) => {
    const order = await orders.get({ orderId });
    if (order === undefined) return log.info('no points: the order is older than the programme', { order_id: orderId });
    grant(tx, reason === 'payment' ? { ...order, points: POINTS_FOR_PAYMENT } : order, reason);
  };

  return {
    remember: (
      {
        data: { orderId, customerId, total },
      }: About<{
        readonly orderId: string;
        readonly customerId: string;
        readonly total: { readonly minorUnits: number };
      }>,
      { tx }: HandlerContext,
    ) =>
      orders.within(tx).put({
        Item: { orderId, customerId, points: Math.floor(total.minorUnits / PENCE_PER_POINT) },
        ConditionExpression: 'attribute_not_exists(orderId)',
      }),
    shipped: ({ data: { orderId } }: About<{ readonly orderId: string }>, context: HandlerContext) =>
      grantFor(orderId, 'shipment', context),
    paid: ({ data: { orderId } }: About<{ readonly orderId: string }>, context: HandlerContext) =>
      grantFor(orderId, 'payment', context),
  };
}

export function createLoyaltyHandlers(deps: LoyaltyDeps): SubscriptionHandlers {
  const { remember, shipped } = createLoyalty(deps);
  return handlersFor(loyalty, { 'com.example.order.placed': remember, 'com.example.shipment.created': shipped });
}

export function createLoyaltyHandlersWithPayments(deps: LoyaltyDeps): SubscriptionHandlers {
  const { remember, shipped, paid } = createLoyalty(deps);
  return handlersFor(loyaltyWithPayments, {
    'com.example.order.placed': remember,
    'com.example.payment.captured': paid,
    'com.example.shipment.created': shipped,
  });
}
