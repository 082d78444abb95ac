import { type JsonClient, readAs } from 'waybill/resilience';
import { readForeignError } from '../foreign-error.ts';
import type { Address } from '../orders/address.ts';
import * as z from '../zod.ts';
import { type BookingOutcome, type Carrier, RATE_CURRENCY, type Rate } from './carrier.ts';
import { noRates, RATES_LIMITS } from './rates-calls.ts';

const offersSchema = z.object({
  currency: z.literal(RATE_CURRENCY),
  offers: z.array(
    z.object({
      product: z.string().check(z.minLength(1)),
      pence: z.int().check(z.nonnegative()),
      transitHours: z.int().check(z.nonnegative()),
    }),
  ),
});

const HOURS_OF_DAY = 24;

const offers = readAs(offersSchema, ({ currency, offers: all }) =>
  all.map(
    ({ product, pence, transitHours }): Rate => ({
      service: product,
      amount: { currency, minorUnits: pence },
      days: Math.ceil(transitHours / HOURS_OF_DAY),
    }),
  ),
);

const collected = readAs(
  z.object({ jobId: z.string().check(z.minLength(1)), trackingId: z.string().check(z.minLength(1)) }),
  ({ jobId: shipmentId, trackingId: trackingNumber }): BookingOutcome => ({
    kind: 'booked',
    shipmentId,
    trackingNumber,
  }),
);

/** Ours by theirs. */
const REFUSAL_REASONS: ReadonlyMap<string, string> = new Map([
  ['outside-area', 'no-service'],
  ['unknown-address', 'address-unknown'],
  ['overweight', 'too-heavy'],
]);

const declined = readAs(
  z.object({ declined: z.string().check(z.minLength(1)) }),
  ({ declined: cause }): BookingOutcome => ({ kind: 'refused', reason: REFUSAL_REASONS.get(cause) ?? 'other' }),
);

/** Theirs for ours. */
const toDropOff = ({ recipient, line1, line2, city, postalCode, region, country }: Address) => ({
  contact: recipient,
  address: [line1, line2, city, region].filter((line) => line !== undefined).join(', '),
  zip: postalCode,
  country,
});

/** The courier's HTTP API. Errors are those of the client. */
export const createHttpCourier = (client: JsonClient): Carrier => ({
  name: 'courier',

  async rates({ account, country, pieces }, signal) {
    const path = '/v1/offers';
    const offered = await client.get(
      {
        path,
        query: { customer: account, to: country, pieces },
        answers: { 200: offers },
        readError: readForeignError,
        limits: RATES_LIMITS,
      },
      signal,
    );
    if (offered === null) throw noRates('courier', path);
    return offered;
  },

  book: ({ orderId, account, service, lines, address, idempotencyKey }, signal) =>
    client.post(
      {
        path: '/v1/jobs',
        body: {
          reference: orderId,
          product: service,
          ...(account === undefined ? {} : { customer: account }),
          goods: lines.map(({ sku, quantity }) => ({ code: sku, count: quantity })),
          ...(address === undefined ? {} : { dropOff: toDropOff(address) }),
        },
        idempotencyKey,
        answers: { 201: collected, 200: declined },
        readError: readForeignError,
      },
      signal,
    ),
});
