import { counted } from '../../../../local/view/counted.ts';
import { piecesOf } from '../../functions/inventory/stock.ts';
import type { Order } from '../../functions/orders/order.ts';
import type { LedgerParcel } from '../external/ledger.ts';
import { describeOrder, orderKey } from '../orders/order-key.ts';
import { type Invariant, invariant } from './invariant.ts';
import { byTenant, type ShopFacts } from './shop-facts.ts';

type Parcel = Pick<LedgerParcel, 'system' | 'price' | 'state' | 'consignment' | 'reference' | 'items'>;

/**
 * Of all carriers one took a parcel for each order that is shipped, with all of its goods and for the price that was chosen.
 * None took one for any other order.
 */
export function checkParcels(
  { tenantIds, orders, shipments }: Pick<ShopFacts, 'tenantIds' | 'orders' | 'shipments'>,
  parcels: readonly Parcel[],
): Invariant {
  const ordersOf = byTenant(orders);
  const shipmentsOf = byTenant(shipments);
  const booked = parcels.filter(({ state }) => state === 'BOOKED');
  const parcelsOf = Map.groupBy(booked, ({ consignment }) => consignment);
  const wrong: string[] = [];
  for (const tenantId of tenantIds) {
    const byOrder = new Map(shipmentsOf.of(tenantId).map((shipment) => [shipment.orderId, shipment]));
    for (const order of ordersOf.of(tenantId)) {
      const shipment = byOrder.get(order.orderId);
      const own = shipment?.status === 'booked' ? (parcelsOf.get(shipment.shipmentId) ?? []) : [];
      if (shipment?.status === 'booked') parcelsOf.delete(shipment.shipmentId);
      const name = describeOrder(orderKey({ tenantId, orderId: order.orderId }));
      const due = order.status === 'shipped' ? 1 : 0;
      if (own.length !== due)
        wrong.push(`${name} is ${order.status}, and its carrier has ${counted(own.length, 'parcel')} of it`);
      else if (own.some((parcel) => !holdsGoodsOf(parcel, order)))
        wrong.push(`the parcel of ${name} holds other goods`);
      else if (shipment?.status === 'booked' && own.some((parcel) => !isAsChosen(parcel, shipment)))
        wrong.push(`the parcel of ${name} went with another carrier, or for another price, than was chosen`);
    }
  }
  for (const { consignment, reference } of [...parcelsOf.values()].flat()) {
    wrong.push(`parcel ${consignment} of order ${reference} went out, and no shipment of an order tells of it`);
  }
  const bySystem = Object.entries(Object.groupBy(booked, ({ system }) => system));
  const detail = bySystem.map(([system, own]) => `${counted(own.length, 'parcel')} by ${system}`);
  return invariant('parcels: one for each shipped order, and no others', detail, wrong);
}

const isAsChosen = (
  { system, price }: Parcel,
  { carrier, rate }: Extract<ShopFacts['shipments'][number]['item'], { readonly status: 'booked' }>,
): boolean => system === carrier && price === rate?.amount.minorUnits;

function holdsGoodsOf({ reference, items }: Parcel, { orderId, lines }: Order): boolean {
  const wanted = piecesOf(lines);
  const held = piecesOf(items.map(({ article, pieces }) => ({ sku: article, quantity: pieces })));
  return (
    reference === orderId && held.size === wanted.size && [...wanted].every(([sku, pieces]) => held.get(sku) === pieces)
  );
}
