import type { HandlerContext } from 'waybill/consumer';
import type { PutWrite } from 'waybill/outbox';
import type { TenantTable } from 'waybill/tenancy';
import type { DeliveryAddress } from '../orders/delivery-address.ts';
import type { OrderLine } from '../orders/events.ts';
import type { BookingOutcome, Carrier } from './carrier.ts';
import { chooseCarrier } from './choose-carrier.ts';
import { CarrierUnknownError } from './errors.ts';
import { ShipmentCancelled, ShipmentCreated } from './events.ts';
import type { Booking, Shipment } from './shipment.ts';

export interface ShippingDeps {
  readonly shipments: TenantTable<Shipment>;
  /** What orders offers: where each order goes. */
  readonly addresses: Pick<TenantTable<DeliveryAddress>, 'get'>;
  /** At least one; their names differ. */
  readonly carriers: readonly Carrier[];
}

type Context = Pick<HandlerContext, 'tx' | 'log' | 'signal' | 'idempotencyKey'>;

interface OrderToShip {
  readonly orderId: string;
  readonly lines: readonly OrderLine[];
  /** The tenant whose order it is, if there are tenants. */
  readonly account: string | undefined;
}

/**
 * Where it is decided whether an order is shipped: whichever of the two comes first stands, and is told; the other does
 * nothing.
 */
export interface Dispatch {
  /** @throws CarrierUnknownError `SHIPPING_CARRIER_UNKNOWN`, and the errors of carriers */
  ship(order: OrderToShip, context: Context): Promise<void>;
  /** @throws CarrierUnknownError `SHIPPING_CARRIER_UNKNOWN`, and the errors of carriers */
  bar(order: Pick<OrderToShip, 'orderId' | 'account'>, context: Context): Promise<void>;
}

/** Nobody has decided about the order yet. */
const IF_UNDECIDED = { ConditionExpression: 'attribute_not_exists(orderId)' } as const;

/** The order is still with this carrier. */
const ifStillAt = ({ carrier }: Booking): Omit<PutWrite, 'TableName' | 'Item'> => ({
  ConditionExpression: '#status = :booking AND carrier = :carrier',
  ExpressionAttributeNames: { '#status': 'status' },
  ExpressionAttributeValues: { ':booking': 'booking', ':carrier': carrier },
});

/**
 * Books each order at one carrier. The choice is committed before the carrier is asked. From then on the order stays with
 * that carrier, through crashes and outages, until the carrier has said that it does not take the parcel: a call that
 * failed may have booked one, and nobody but that carrier knows.
 */
export function createDispatch({ shipments, addresses, carriers }: ShippingDeps): Dispatch {
  const addressOf = async (orderId: string) => (await addresses.get({ orderId }))?.address;

  const carrierOf = ({ orderId, carrier: name }: Booking): Carrier => {
    const carrier = carriers.find((one) => one.name === name);
    if (carrier === undefined) {
      throw new CarrierUnknownError(
        orderId,
        name,
        carriers.map((one) => one.name),
      );
    }
    return carrier;
  };

  /** Commits who is asked next, before anybody is; undefined where nobody is left. */
  const choose = async (
    { orderId, lines, account }: OrderToShip,
    before: Booking | undefined,
    { signal, log, idempotencyKey }: Context,
  ): Promise<Booking | undefined> => {
    const refusedBy = before === undefined ? [] : [...before.refusedBy, before.carrier];
    const left = carriers.filter(({ name }) => !refusedBy.includes(name));
    const country = (await addressOf(orderId))?.country;
    const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    const choice = await chooseCarrier(left, { account, country, pieces }, { signal, log });
    if (choice === undefined) return undefined;
    const booking: Booking = {
      orderId,
      status: 'booking',
      carrier: choice.carrier.name,
      rate: choice.rate,
      lines: [...lines],
      idempotencyKey,
      refusedBy,
    };
    await shipments.put({ Item: booking, ...(before === undefined ? IF_UNDECIDED : ifStillAt(before)) });
    return booking;
  };

  const ask = async (
    booking: Booking,
    account: string | undefined,
    { signal, log }: Context,
  ): Promise<BookingOutcome> => {
    const { orderId, lines, rate, idempotencyKey } = booking;
    const address = await addressOf(orderId);
    const outcome = await carrierOf(booking).book(
      { orderId, account, service: rate.service, lines, address, idempotencyKey },
      signal,
    );
    if (outcome.kind === 'refused') {
      const { carrier } = booking;
      log.warn('a carrier refuses the parcel', { order_id: orderId, carrier, reason: outcome.reason });
    }
    return outcome;
  };

  const tellBooked = (
    booking: Booking,
    { shipmentId, trackingNumber }: Extract<BookingOutcome, { kind: 'booked' }>,
    { tx, log }: Context,
  ) => {
    const { orderId, carrier, rate, lines } = booking;
    const Item: Shipment = { orderId, status: 'booked', shipmentId, trackingNumber, carrier, rate, lines };
    shipments.within(tx).put({ Item, ...ifStillAt(booking) });
    tx.publish(ShipmentCreated, { orderId, shipmentId, carrier });
    log.info('shipment created', { order_id: orderId, shipment_id: shipmentId, carrier });
  };

  const cancel = (
    orderId: string,
    reason: 'customer' | 'carrier',
    before: Booking | undefined,
    { tx, log }: Context,
  ) => {
    const Item: Shipment = { orderId, status: 'cancelled', reason };
    shipments.within(tx).put({ Item, ...(before === undefined ? IF_UNDECIDED : ifStillAt(before)) });
    tx.publish(ShipmentCancelled, { orderId, reason });
    log.info('shipment cancelled', { order_id: orderId, reason });
  };

  return {
    async ship(order, context) {
      const { orderId, account } = order;
      const found = await shipments.get({ orderId });
      if (found !== undefined && found.status !== 'booking') return;
      let last = found;
      for (let next = last ?? (await choose(order, undefined, context)); next !== undefined; ) {
        last = next;
        const outcome = await ask(last, account, context);
        if (outcome.kind === 'booked') return tellBooked(last, outcome, context);
        next = await choose(order, last, context);
      }
      cancel(orderId, 'carrier', last, context);
    },

    async bar({ orderId, account }, context) {
      const found = await shipments.get({ orderId });
      if (found === undefined) return cancel(orderId, 'customer', undefined, context);
      if (found.status !== 'booking') return;
      // the event that began it was skipped: whether there is a parcel only the carrier can say
      const outcome = await ask(found, account, context);
      if (outcome.kind === 'booked') tellBooked(found, outcome, context);
      else cancel(orderId, 'customer', found, context);
    },
  };
}
