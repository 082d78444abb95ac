import type { Money } from '../money.ts';
import type { Address } from '../orders/address.ts';
import type { OrderLine } from '../orders/events.ts';

/** What carriers are asked to quote in, so that their rates compare. */
export const RATE_CURRENCY = 'GBP';

export interface RatesRequest {
  /** Whose account at the carrier: the tenant's. Undefined in a deployment without tenants. */
  readonly account: string | undefined;
  /** ISO 3166 code; undefined for orders without an address. */
  readonly country: string | undefined;
  /** Of all products of the order. */
  readonly pieces: number;
}

/** What a carrier offers to bring a parcel for. */
export interface Rate {
  /** The carrier's name of the service. */
  readonly service: string;
  /** In `RATE_CURRENCY`. */
  readonly amount: Money;
  /** Days until the parcel is there. */
  readonly days: number;
}

export interface BookingRequest {
  readonly orderId: string;
  /** As in `RatesRequest`. */
  readonly account: string | undefined;
  /** Of the rate that was chosen. */
  readonly service: string;
  readonly lines: readonly OrderLine[];
  /** Undefined for orders without one: the carrier goes by what it knows of the order. */
  readonly address: Address | undefined;
  /** A repeated booking under the same key MUST be answered as the first one was, and send no second parcel. */
  readonly idempotencyKey: string;
}

export type BookingOutcome =
  | { readonly kind: 'booked'; readonly shipmentId: string; readonly trackingNumber: string }
  /** For good: the carrier will not take this parcel, and has not taken it. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Who brings parcels to customers. */
export interface Carrier {
  /** As it is recorded with its bookings: it MUST NOT change while parcels are on their way. */
  readonly name: string;
  /** Changes nothing there. Empty where the carrier does not deliver. Rejects where it does not answer. */
  rates(request: RatesRequest, signal: AbortSignal): Promise<readonly Rate[]>;
  /** Rejects where the outcome is not known, and a parcel may have been booked; then the call is repeated. */
  book(request: BookingRequest, signal: AbortSignal): Promise<BookingOutcome>;
}
