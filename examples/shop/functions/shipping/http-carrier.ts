import { type JsonClient, readAs } from 'waybill/resilience';
import { readDecimalAmount } from '../decimal-amount.ts';
import { readForeignError } from '../foreign-error.ts';
import type { Address } from '../orders/address.ts';
import * as z from '../zod.ts';
import { type BookingOutcome, type Carrier, RATE_CURRENCY, type Rate } from './carrier.ts';
import { noRates, RATES_LIMITS } from './rates-calls.ts';

const ratesSchema = z.object({
  RATES: z.array(
    z.object({
      SERVICE: z.string().check(z.minLength(1)),
      PRICE: z
        .string()
        .check(z.refine((text) => readDecimalAmount(text, RATE_CURRENCY) !== undefined, 'must be an amount like 3.95')),
      CCY: z.literal(RATE_CURRENCY),
      DAYS: z.int().check(z.nonnegative()),
    }),
  ),
});

const rates = readAs(ratesSchema, ({ RATES }) =>
  RATES.map(
    ({ SERVICE: service, PRICE, DAYS: days }): Rate => ({
      service,
      amount: { currency: RATE_CURRENCY, minorUnits: readDecimalAmount(PRICE, RATE_CURRENCY) ?? 0 },
      days,
    }),
  ),
);

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
  name: 'carrier',

  async rates({ account, country, pieces }, signal) {
    const path = '/rates';
    const offered = await client.get(
      {
        path,
        query: { account, country, pieces, currency: RATE_CURRENCY },
        answers: { 200: rates },
        readError: readForeignError,
        limits: RATES_LIMITS,
      },
      signal,
    );
    if (offered === null) throw noRates('carrier', path);
    return offered;
  },

  book: ({ orderId, account, service, lines, address, idempotencyKey }, signal) =>
    client.post(
      {
        path: '/parcels',
        body: {
          customerReference: orderId,
          service,
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
