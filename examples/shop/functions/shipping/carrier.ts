import type { Address } from '../orders/address.ts';
import type { OrderLine } from '../orders/events.ts';

export interface BookingRequest {
  readonly orderId: string;
  /** Whose account at the carrier: the tenant's. Undefined in a deployment without tenants. */
  readonly account: string | undefined;
  readonly lines: readonly OrderLine[];
  /** Undefined for orders without one: the carrier goes by what it knows of the order. */
  readonly address: Address | undefined;
  /** A repeated booking under the same key MUST be answered as the first one was, and send no second parcel. */
  readonly idempotencyKey: string;
}

export type BookingOutcome =
  | { readonly kind: 'booked'; readonly shipmentId: string; readonly trackingNumber: string }
  /** For good: the carrier will not take this parcel. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Who brings parcels to customers. Rejects where the outcome is not known; then the call is repeated. */
export interface Carrier {
  book(request: BookingRequest, signal: AbortSignal): Promise<BookingOutcome>;
}
