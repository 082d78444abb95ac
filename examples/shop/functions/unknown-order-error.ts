import { WaybillError } from 'waybill';

/** A service hears of an order that it does not know yet: its first event may still be on the way. */
export class UnknownOrderError extends WaybillError {
  readonly code = 'SHOP_ORDER_UNKNOWN';

  constructor(service: string, orderId: string) {
    super(`${service} does not know order '${orderId}' yet: the event is tried again`);
  }
}
