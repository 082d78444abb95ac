import type { EventDataOf } from 'waybill';
import type { HandlerContext } from 'waybill/consumer';
import { ifUnchanged } from 'waybill/outbox';
import type { ParcelMoved } from '../carrier-tracking/events.ts';
import { isFurther } from '../carrier-tracking/tracking-status.ts';
import type { ShippingDeps } from './dispatch.ts';
import { ShipmentDelivered, ShipmentTracked } from './events.ts';

/** Follows parcels on their way. */
export interface Tracking {
  /**
   * Notes what a carrier told, once, and tells others of it if the parcel is further than before. What is told of a parcel
   * that the shop has not booked changes nothing.
   */
  follow(move: EventDataOf<typeof ParcelMoved>, context: Pick<HandlerContext, 'tx' | 'log'>): Promise<void>;
}

/** A parcel has some ten stations. */
const MOST_MOVES = 100;

export const createTracking = ({ shipments }: Pick<ShippingDeps, 'shipments'>): Tracking => ({
  async follow({ orderId, trackingNumber, status, at, deliveryId }, { tx, log }) {
    const shipment = await shipments.get({ orderId });
    if (shipment?.status !== 'booked' || shipment.trackingNumber !== trackingNumber) {
      log.warn('tracking of a parcel that was not booked is ignored', { order_id: orderId });
      return;
    }
    const { shipmentId, moves = [], moved = 0, tracking } = shipment;
    // also when the carrier tells it again after its delivery was forgotten
    if (moves.some((move) => move.deliveryId === deliveryId)) return;
    const isNews = isFurther(status, tracking?.status);
    shipments.within(tx).put({
      Item: {
        ...shipment,
        moves: [...moves, { deliveryId, status, at }].slice(-MOST_MOVES),
        moved: moved + 1,
        ...(isNews ? { tracking: { status, at } } : {}),
      },
      ...ifUnchanged('moved', shipment.moved),
    });
    if (!isNews) return;
    if (status === 'delivered') tx.publish(ShipmentDelivered, { orderId, shipmentId, at });
    else tx.publish(ShipmentTracked, { orderId, shipmentId, status, at });
    log.info(`parcel ${status}`, { order_id: orderId, shipment_id: shipmentId });
  },
});
