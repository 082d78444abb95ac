import type { EventDataOf } from 'waybill';
import { ORDER_ID_PATTERN } from '../order-group.ts';
import * as z from '../zod.ts';
import type { ParcelMoved } from './events.ts';
import type { TrackingStatus } from './tracking-status.ts';

/** Ours by theirs. */
const STATUSES = {
  PICKED_UP: 'picked-up',
  IN_TRANSIT: 'in-transit',
  OUT_FOR_DELIVERY: 'out-for-delivery',
  DELIVERED: 'delivered',
} as const satisfies Readonly<Record<string, TrackingStatus>>;

/** What a carrier tells of a parcel; `customerReference` is what the shop booked it with. */
export const carrierMoveSchema = z.object({
  customerReference: z.string().check(z.regex(ORDER_ID_PATTERN)),
  trackingCode: z.string().check(z.minLength(1), z.maxLength(64)),
  state: z.enum(Object.keys(STATUSES) as [keyof typeof STATUSES]),
  occurredAt: z.iso.datetime(),
});

export type CarrierMove = z.infer<typeof carrierMoveSchema>;

/** @param deliveryId the carrier's id of what it tells, the same when it tells it again */
export const toParcelMoved = (move: CarrierMove, deliveryId: string): EventDataOf<typeof ParcelMoved> => ({
  orderId: move.customerReference,
  trackingNumber: move.trackingCode,
  status: STATUSES[move.state],
  at: move.occurredAt,
  deliveryId,
});
