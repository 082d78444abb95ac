import { createAnswersByKey, idFromKey } from '../answers-by-key.ts';
import type { BookingOutcome, BookingRequest, Carrier } from './carrier.ts';

/** What was booked, in the order in which it was. */
export interface FakeCarrier extends Carrier {
  readonly bookings: readonly (BookingRequest & { readonly shipmentId: string })[];
}

export interface FakeCarrierOptions {
  /** Why a parcel is refused; undefined: it is booked. @default nothing is refused */
  readonly refuse?: (request: BookingRequest) => string | undefined;
}

/** Sends no parcels. For tests, and for environments that have no carrier. */
export function createFakeCarrier({ refuse = () => undefined }: FakeCarrierOptions = {}): FakeCarrier {
  const bookings: (BookingRequest & { readonly shipmentId: string })[] = [];
  const booked = createAnswersByKey<BookingRequest, BookingOutcome>('the carrier');

  return {
    bookings,

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
