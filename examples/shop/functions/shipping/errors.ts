import { WaybillError } from 'waybill';

/** A parcel may be at a carrier that this deployment does not have. No other carrier is asked: there would be two. */
export class CarrierUnknownError extends WaybillError {
  readonly code = 'SHIPPING_CARRIER_UNKNOWN';

  constructor(orderId: string, carrier: string, known: readonly string[]) {
    super(
      `order '${orderId}' may be booked at the carrier '${carrier}', and this deployment has ${known.join(', ')} only: deploy it with the carrier's URL, then redrive the event`,
    );
  }
}
