import type { HandlerContext } from 'waybill/consumer';
import type { UnitOfWork } from 'waybill/outbox';
import type { TenantTable } from 'waybill/tenancy';
import type { DeliveryAddress } from '../orders/delivery-address.ts';
import type { OrderLine } from '../orders/events.ts';
import type { Carrier } from './carrier.ts';
import { ShipmentCancelled, ShipmentCreated } from './events.ts';
import type { Shipment } from './shipment.ts';

export interface ShippingDeps {
  readonly shipments: TenantTable<Shipment>;
  /** What orders offers: where each order goes. */
  readonly addresses: Pick<TenantTable<DeliveryAddress>, 'get'>;
  readonly carrier: Carrier;
}

type Context = Pick<HandlerContext, 'tx' | 'log' | 'signal' | 'idempotencyKey'>;

/**
 * Where it is decided whether an order is shipped: whichever of the two comes first stands, and is told; the other does
 * nothing.
 */
export interface Dispatch {
  /** @param account the tenant whose order it is, if there are tenants */
  ship(
    order: { readonly orderId: string; readonly lines: readonly OrderLine[]; readonly account: string | undefined },
    context: Context,
  ): Promise<void>;
  bar(orderId: string, context: Context): Promise<void>;
}

export function createDispatch({ shipments, addresses, carrier }: ShippingDeps): Dispatch {
  const put = (tx: UnitOfWork, shipment: Shipment) =>
    shipments.within(tx).put({ Item: shipment, ConditionExpression: 'attribute_not_exists(orderId)' });

  const cancel = (orderId: string, reason: 'customer' | 'carrier', { tx, log }: Context) => {
    put(tx, { orderId, status: 'cancelled', reason });
    tx.publish(ShipmentCancelled, { orderId, reason });
    log.info('shipment cancelled', { order_id: orderId, reason });
  };

  return {
    async ship({ orderId, lines, account }, context) {
      if ((await shipments.get({ orderId })) !== undefined) return;
      const { tx, log, signal, idempotencyKey } = context;
      const address = (await addresses.get({ orderId }))?.address;
      const outcome = await carrier.book({ orderId, account, lines, address, idempotencyKey }, signal);
      if (outcome.kind === 'refused') {
        log.warn('the carrier refuses the parcel', { order_id: orderId, reason: outcome.reason });
        return cancel(orderId, 'carrier', context);
      }
      const { shipmentId, trackingNumber } = outcome;
      put(tx, { orderId, status: 'booked', shipmentId, trackingNumber, lines: [...lines] });
      tx.publish(ShipmentCreated, { orderId, shipmentId });
      log.info('shipment created', { order_id: orderId, shipment_id: shipmentId });
    },

    async bar(orderId, context) {
      if ((await shipments.get({ orderId })) === undefined) cancel(orderId, 'customer', context);
    },
  };
}
