import { WaybillError } from 'waybill';

/** An order's money came back, and its service never heard of what went wrong: an event must have been skipped. */
export class ReasonUnknownError extends WaybillError {
  readonly code = 'SHOP_REASON_UNKNOWN';

  constructor(orderId: string) {
    super(
      `order '${orderId}' cannot be cancelled: orders never heard why; set its cancellationReason, then redrive the event`,
    );
  }
}
