import { defineSync, detect } from 'waybill';
import { carrierMoveSchema } from '../carrier-tracking/carrier-move.ts';
import * as z from '../zod.ts';

/** The carrier's provider name. */
export const CARRIER = 'carrier';

/** An entry of the carrier's list: what its webhook tells, with the id under which it tells it. */
const entrySchema = z.extend(carrierMoveSchema, { id: z.string().check(z.minLength(1)) });

/**
 * What the carrier tells of parcels, by webhook and once an hour by its list: the list has what the webhook lost. Each
 * entry is told once, whichever way it comes first.
 */
export const trackingSync = defineSync({
  name: 'tracking',
  entity: 'parcel-move',
  schema: entrySchema,
  providers: {
    [CARRIER]: detect({
      schema: entrySchema,
      id: 'id',
      cursor: { kind: 'opaque' },
      everyMinutes: 60,
      mapping: {
        id: 'id',
        customerReference: 'customerReference',
        trackingCode: 'trackingCode',
        state: 'state',
        occurredAt: 'occurredAt',
      },
    }),
  },
});
