import { type JsonClient, readAs } from 'waybill/resilience';
import { readForeignError } from '../foreign-error.ts';
import type { Address } from '../orders/address.ts';
import * as z from '../zod.ts';
import type { BookingOutcome, Carrier } from './carrier.ts';

const parcelSchema = z.discriminatedUnion('STATUS', [
  z.object({
    STATUS: z.literal('BOOKED'),
    CONSIGNMENT: z.object({
      NUMBER: z.string().check(z.minLength(1)),
      TRACKING_CODE: z.string().check(z.minLength(1)),
    }),
  }),
  z.object({ STATUS: z.literal('REJECTED'), REASON_CODE: z.string().check(z.minLength(1)) }),
]);

/** Ours by theirs. */
const REFUSAL_REASONS: ReadonlyMap<string, string> = new Map([
  ['NO_SERVICE', 'no-service'],
  ['ADDRESS_UNKNOWN', 'address-unknown'],
  ['TOO_HEAVY', 'too-heavy'],
]);

const booking = readAs(parcelSchema, (parcel): BookingOutcome => {
  if (parcel.STATUS === 'REJECTED') {
    return { kind: 'refused', reason: REFUSAL_REASONS.get(parcel.REASON_CODE) ?? 'other' };
  }
  const { NUMBER: shipmentId, TRACKING_CODE: trackingNumber } = parcel.CONSIGNMENT;
  return { kind: 'booked', shipmentId, trackingNumber };
});

/** Theirs for ours. */
const toConsignee = ({ recipient, line1, line2, city, postalCode, region, country }: Address) => ({
  name: recipient,
  street: line2 === undefined ? [line1] : [line1, line2],
  town: city,
  postcode: postalCode,
  county: region,
  countryCode: country,
});

/** The carrier's HTTP API. Errors are those of the client. */
export const createHttpCarrier = (client: JsonClient): Carrier => ({
  book: ({ orderId, account, lines, address, idempotencyKey }, signal) =>
    client.post(
      {
        path: '/parcels',
        body: {
          customerReference: orderId,
          ...(account === undefined ? {} : { account }),
          items: lines.map(({ sku, quantity }) => ({ article: sku, pieces: quantity })),
          ...(address === undefined ? {} : { consignee: toConsignee(address) }),
        },
        idempotencyKey,
        answers: { 200: booking },
        readError: readForeignError,
      },
      signal,
    ),
});
