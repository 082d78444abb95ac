import { counted } from '../../../../local/view/counted.ts';
import { formatAmount } from '../orders/amount.ts';
import { describeOrder, orderKey } from '../orders/order-key.ts';
import type { ReadModels } from '../read-models/read-model.ts';
import { type Invariant, invariant, ofTenant } from './invariant.ts';
import { byTenant, type ShopFacts, sum } from './shop-facts.ts';

/** The overview tells of each order what the orders table does. */
export function checkOrderOverview({ tenantIds, orders }: ShopFacts, models: readonly ReadModels[]): Invariant {
  const ordersOf = byTenant(orders);
  const wrong: string[] = [];
  for (const tenantId of tenantIds) {
    const model = modelOf(models, tenantId);
    if (model.unanswered.orders !== undefined) {
      wrong.push(model.unanswered.orders);
      continue;
    }
    const shown = new Map(model.orders.map((order) => [order.orderId, order]));
    for (const { orderId, status, cancellationReason, total } of ordersOf.of(tenantId)) {
      const view = shown.get(orderId);
      shown.delete(orderId);
      const told = tell({ status, cancellationReason, total });
      const seen = view === undefined ? 'nothing' : tell(view);
      if (seen !== told) {
        wrong.push(`${describeOrder(orderKey({ tenantId, orderId }))} is ${told}, the overview shows ${seen}`);
      }
    }
    for (const orderId of shown.keys()) {
      wrong.push(`the overview shows ${describeOrder(orderKey({ tenantId, orderId }))}, and there is no such order`);
    }
  }
  return invariant('read models: the overview agrees with the orders', [counted(orders.length, 'order')], wrong);
}

/** The days come to what the payments do. */
export function checkRevenue({ tenantIds, orders, payments }: ShopFacts, models: readonly ReadModels[]): Invariant {
  const ordersOf = byTenant(orders);
  const paymentsOf = byTenant(payments);
  const compared: string[] = [];
  const wrong: string[] = [];
  for (const tenantId of tenantIds) {
    const { days, unanswered } = modelOf(models, tenantId);
    if (unanswered.days !== undefined) {
      wrong.push(unanswered.days);
      continue;
    }
    const moved = paymentsOf.of(tenantId).flatMap((payment) => ('paymentId' in payment ? [payment] : []));
    const amounts = {
      orders: ordersOf.of(tenantId).length,
      captured: sum(moved.map(({ amount }) => amount.minorUnits)),
      refunded: sum(moved.map(({ status, amount }) => (status === 'refunded' ? amount.minorUnits : 0))),
    };
    const shown = {
      orders: sum(days.map((day) => day.orders)),
      captured: sum(days.map(({ captured }) => captured)),
      refunded: sum(days.map(({ refunded }) => refunded)),
    };
    const [told, seen] = [tellAmounts(amounts), tellAmounts(shown)];
    if (told === seen) compared.push(`${told}${ofTenant(tenantId)}`);
    else wrong.push(`${told}${ofTenant(tenantId)}, the days show ${seen}`);
  }
  return invariant('read models: the revenue agrees with the payments', compared, wrong);
}

const modelOf = (models: readonly ReadModels[], tenantId: string | undefined): ReadModels =>
  models.find((model) => model.tenantId === tenantId) ?? { tenantId, orders: [], days: [], unanswered: {} };

interface Told {
  readonly status: string;
  readonly cancellationReason?: string | undefined;
  readonly total: { readonly minorUnits: number };
}

/** The reason counts for what is cancelled only. */
const tell = ({ status, cancellationReason, total }: Told): string =>
  `${status}${status === 'cancelled' ? ` (${cancellationReason})` : ''} at £${formatAmount(total.minorUnits)}`;

const tellAmounts = ({ orders, captured, refunded }: Readonly<Record<'orders' | 'captured' | 'refunded', number>>) =>
  `${counted(orders, 'order')}, captured £${formatAmount(captured)}, refunded £${formatAmount(refunded)}`;
