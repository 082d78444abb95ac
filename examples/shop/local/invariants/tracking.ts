import type { CloudEvent } from '../../../../lib/definitions/index.ts';
import { counted } from '../../../../local/view/counted.ts';
import { ParcelMoved } from '../../functions/carrier-tracking/events.ts';
import type { TrackingReport } from '../external/tracking-sender.ts';
import { describeOrder, orderKey } from '../orders/order-key.ts';
import { type Invariant, invariant } from './invariant.ts';
import { byTenant, type ShopFacts } from './shop-facts.ts';

/** How often the shop's log has each message of the carriers. */
export interface TrackingTrail {
  addEvent(event: CloudEvent): void;
  /** By the carrier's id. */
  counts(): ReadonlyMap<string, number>;
}

export function createTrackingTrail(): TrackingTrail {
  const counts = new Map<string, number>();
  return {
    addEvent({ type, data }) {
      if (type !== ParcelMoved.type) return;
      const { deliveryId } = data as { readonly deliveryId: string };
      counts.set(deliveryId, (counts.get(deliveryId) ?? 0) + 1);
    },
    counts: () => counts,
  };
}

/**
 * What carriers told of their parcels took effect once, in the log and in the shipment: each shipped order's parcel is
 * delivered, whatever came first. Nothing that somebody forged was taken, or took effect.
 */
export function checkTracking(
  { tenantIds, orders, shipments }: Pick<ShopFacts, 'tenantIds' | 'orders' | 'shipments'>,
  { told, forged }: TrackingReport,
  events: ReadonlyMap<string, number>,
): Invariant {
  const ordersOf = byTenant(orders);
  const shipmentsOf = byTenant(shipments);
  const toldOf = Map.groupBy(told, ({ account, reference }) => orderKey({ tenantId: account, orderId: reference }));
  const known = new Set(told.map(({ deliveryId }) => deliveryId));
  const wrong: string[] = [];
  for (const { deliveryId, reference } of told) {
    const times = events.get(deliveryId) ?? 0;
    if (times !== 1) wrong.push(`${deliveryId} of order ${reference} is in the log ${counted(times, 'time')}`);
  }
  for (const deliveryId of events.keys()) {
    if (!known.has(deliveryId)) wrong.push(`${deliveryId} is in the log, and no carrier sent it`);
  }
  for (const tenantId of tenantIds) {
    const byOrder = new Map(shipmentsOf.of(tenantId).map((shipment) => [shipment.orderId, shipment]));
    for (const { orderId, status } of ordersOf.of(tenantId)) {
      if (status !== 'shipped') continue;
      const shipment = byOrder.get(orderId);
      const name = describeOrder(orderKey({ tenantId, orderId }));
      const due = (toldOf.get(orderKey({ tenantId, orderId })) ?? []).map(({ deliveryId }) => deliveryId).toSorted();
      const booked = shipment?.status === 'booked' ? shipment : undefined;
      const noted = (booked?.moves ?? []).map(({ deliveryId }) => deliveryId).toSorted();
      if (noted.join() !== due.join()) {
        wrong.push(
          `${name} has noted ${noted.join(', ') || 'nothing'}; its carrier told ${due.join(', ') || 'nothing'}`,
        );
      } else if (booked?.tracking?.status !== 'delivered') {
        wrong.push(`${name} is delivered, and shows ${booked?.tracking?.status ?? 'nothing'}`);
      }
    }
  }
  for (const { deliveryId, what, status } of forged) {
    if (status >= 200 && status < 300) wrong.push(`${deliveryId} (${what}) was answered with ${status}`);
  }
  const compared = [`${counted(told.length, 'message')} of carriers, ${forged.length} forged`];
  return invariant('tracking: each message took effect once, no forged one did', compared, wrong);
}
