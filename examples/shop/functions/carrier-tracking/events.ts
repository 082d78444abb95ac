import { defineEvent } from 'waybill';
import { ORDER_ID_PATTERN, orderGroup } from '../order-group.ts';
import * as z from '../zod.ts';
import { TRACKING_STATUSES } from './tracking-status.ts';

/** What a carrier said of a parcel, as it said it: it may come late, and be of a parcel that is not ours. */
export const ParcelMoved = defineEvent({
  type: 'com.example.parcel.moved',
  source: '/carrier-tracking',
  version: 1,
  schema: z.object({
    orderId: z.string().check(z.regex(ORDER_ID_PATTERN)),
    trackingNumber: z.string().check(z.minLength(1), z.maxLength(64)),
    status: z.enum(TRACKING_STATUSES),
    /** RFC 3339, by the carrier. */
    at: z.string(),
    /** The carrier's id of what it told, the same when it tells it again. */
    deliveryId: z.string(),
  }),
  group: orderGroup,
  subject: ({ orderId }) => orderId,
});
