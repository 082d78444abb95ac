import { createAnswersByKey, idFromKey } from '../answers-by-key.ts';
import {
  type BookingOutcome,
  type BookingRequest,
  type Carrier,
  RATE_CURRENCY,
  type Rate,
  type RatesRequest,
} from './carrier.ts';

/** What was booked, in the order in which it was. */
export interface FakeCarrier extends Carrier {
  readonly bookings: readonly (BookingRequest & { readonly shipmentId: string })[];
}

export interface FakeCarrierOptions {
  /** @default 'fake' */
  readonly name?: string;
  /** @default - one rate for everything and everywhere */
  readonly rates?: (request: RatesRequest) => readonly Rate[];
  /** Why a parcel is refused; undefined: it is booked. @default nothing is refused */
  readonly refuse?: (request: BookingRequest) => string | undefined;
}

const ONE_RATE: Rate = { service: 'standard', amount: { currency: RATE_CURRENCY, minorUnits: 395 }, days: 3 };

/** Sends no parcels. For tests, and for environments that have no carrier. */
export function createFakeCarrier(options: FakeCarrierOptions = {}): FakeCarrier {
  const { name = 'fake', rates = () => [ONE_RATE], refuse = () => undefined } = options;
  const bookings: (BookingRequest & { readonly shipmentId: string })[] = [];
  const booked = createAnswersByKey<BookingRequest, BookingOutcome>(`the carrier ${name}`);

  return {
    name,
    bookings,

    async rates(request, signal) {
      signal.throwIfAborted();
      return rates(request);
    },

    async book(request, signal) {
      signal.throwIfAborted();
      return booked.once(request, () => {
        const reason = refuse(request);
        if (reason !== undefined) return { kind: 'refused', reason };
        const shipmentId = idFromKey('shipment', request.idempotencyKey);
        bookings.push({ ...request, shipmentId });
        return { kind: 'booked', shipmentId, trackingNumber: idFromKey('track', request.idempotencyKey) };
      });
    },
  };
}
