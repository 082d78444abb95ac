import { counted } from '../../../../local/view/counted.ts';
import { piecesOf } from '../../functions/inventory/stock.ts';
import { describeOrder, orderKey } from '../orders/order-key.ts';
import type { OrderPlan } from '../orders/order-plan.ts';
import { type Invariant, invariant, ofTenant } from './invariant.ts';
import { byTenant, type ShopFacts, sum } from './shop-facts.ts';

/** What is on hand is what there was at the start minus what was shipped, for each SKU. */
export function checkStock(
  { tenantIds, orders, stock }: ShopFacts,
  { stock: atStart }: Pick<OrderPlan, 'stock'>,
): Invariant {
  const ordersOf = byTenant(orders);
  const stockOf = byTenant(stock);
  const compared: string[] = [];
  const wrong: string[] = [];
  for (const tenantId of tenantIds) {
    const onHand = new Map(stockOf.of(tenantId).map(({ sku, available }) => [sku, available]));
    const shipped = piecesOf(ordersOf.of(tenantId).flatMap(({ status, lines }) => (status === 'shipped' ? lines : [])));
    for (const sku of new Set([...atStart.keys(), ...onHand.keys(), ...shipped.keys()])) {
      const [start, left, gone] = [atStart.get(sku) ?? 0, onHand.get(sku) ?? 0, shipped.get(sku) ?? 0];
      if (left !== start - gone) {
        wrong.push(`${sku}${ofTenant(tenantId)}: ${start} at the start, ${gone} shipped, ${left} on hand`);
      }
    }
    compared.push(
      `${sum(atStart.values())} at the start, ${sum(shipped.values())} shipped, ${sum(onHand.values())} on hand${ofTenant(tenantId)}`,
    );
  }
  return invariant('stock: on hand is the start minus what was shipped', compared, wrong);
}

/** Orders that are shipped, and no others, hold stock. */
export function checkReservations({ tenantIds, orders, reservations }: ShopFacts): Invariant {
  const ordersOf = byTenant(orders);
  const reservationsOf = byTenant(reservations);
  const wrong: string[] = [];
  let reserved = 0;
  for (const tenantId of tenantIds) {
    const statuses = new Map(reservationsOf.of(tenantId).map(({ orderId, status }) => [orderId, status]));
    for (const { orderId, status } of ordersOf.of(tenantId)) {
      const holdsStock = statuses.get(orderId) === 'reserved';
      if (holdsStock) reserved++;
      if (holdsStock === (status === 'shipped')) continue;
      const name = describeOrder(orderKey({ tenantId, orderId }));
      wrong.push(`${name} is ${status}, and its reservation ${statuses.get(orderId) ?? 'does not exist'}`);
    }
  }
  return invariant('stock: shipped orders hold theirs, and no others', [`by ${counted(reserved, 'order')}`], wrong);
}
