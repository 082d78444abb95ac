import { describe, expect, it } from 'vitest';
import { createHarness, happened } from 'waybill/testing';
import { InventoryReserved } from '../../functions/inventory/events.ts';
import { deliveryAddressSchema } from '../../functions/orders/delivery-address.ts';
import { OrderCancellationRequested } from '../../functions/orders/events.ts';
import { DELIVERY_ADDRESSES_TABLE } from '../../functions/orders/table.ts';
import { ShipmentCancelled, ShipmentCreated } from '../../functions/shipping/events.ts';
import { createFakeCarrier } from '../../functions/shipping/fake-carrier.ts';
import { createShippingHandlers } from '../../functions/shipping/handler.ts';
import { shipmentSchema } from '../../functions/shipping/shipment.ts';
import { SHIPPING_TABLE } from '../../functions/shipping/table.ts';

const reserved = { orderId: '1042', lines: [{ sku: 'TEA', quantity: 6 }] };

function createShipping(refusal?: string) {
  const shop = createHarness({ tables: { shipments: SHIPPING_TABLE, addresses: DELIVERY_ADDRESSES_TABLE } });
  const carrier = createFakeCarrier({ refuse: () => refusal });
  const shipments = shop.table('shipments', (item) => shipmentSchema.parse(item));
  const addresses = shop.table('addresses', (item) => deliveryAddressSchema.parse(item));
  return { shop, carrier, shipping: shop.serve(createShippingHandlers({ shipments, addresses, carrier })) };
}

describe('shipping', () => {
  it.each(['before-commit', 'after-commit'] as const)('books one parcel despite a crash %s', async (crash) => {
    const { shop, carrier, shipping } = createShipping();
    await shipping.when(InventoryReserved, reserved, { crash });

    await shipping.again();
    await shipping.again({ forgotten: true });

    const [booking] = carrier.bookings;
    expect(carrier.bookings).toHaveLength(1);
    expect(shop.items('shipments')).toMatchObject([{ status: 'booked', shipmentId: booking?.shipmentId, ...reserved }]);
    expect(shop.events(ShipmentCreated)).toMatchObject([{ data: { shipmentId: booking?.shipmentId } }]);
  });

  it('books the parcel to the address that orders has of the order', async () => {
    const { shop, carrier, shipping } = createShipping();
    const address = { recipient: 'Ada King', line1: '12 Tea Lane', city: 'Leeds', country: 'GB' };
    await shop.given({ items: { addresses: [{ orderId: '1042', address, expires: 1 }] } });

    await shipping.when(InventoryReserved, reserved);

    expect(carrier.bookings).toMatchObject([{ orderId: '1042', address }]);
    // who knows the shipment does not know where it went
    expect(JSON.stringify([shop.events(), shop.items('shipments')])).not.toContain('Tea Lane');
  });

  it('reports that an order is never shipped if the carrier refuses', async () => {
    const { shop, shipping } = createShipping('too-heavy');

    const outcome = await shipping.when(InventoryReserved, reserved);

    expect(outcome.eventsOf(ShipmentCancelled)).toMatchObject([{ data: { orderId: '1042', reason: 'carrier' } }]);
    expect(shop.items('shipments')).toStrictEqual([{ orderId: '1042', status: 'cancelled', reason: 'carrier' }]);
  });

  it('permanently bars an order that its customer cancels in time', async () => {
    const { shop, carrier, shipping } = createShipping();

    const outcome = await shipping.when(OrderCancellationRequested, { orderId: '1042' });
    const late = await shipping.when(InventoryReserved, reserved);

    expect(outcome.eventsOf(ShipmentCancelled)).toMatchObject([{ data: { reason: 'customer' } }]);
    expect(late).toMatchObject({ kind: 'handled', writes: [], events: [] });
    expect(carrier.bookings).toStrictEqual([]);
    expect(shop.items('shipments')).toStrictEqual([{ orderId: '1042', status: 'cancelled', reason: 'customer' }]);
  });

  it('ignores the cancellation of a shipped order', async () => {
    const { shop, shipping } = createShipping();
    await shop.given({ events: [happened(InventoryReserved, reserved)] });

    const outcome = await shipping.when(OrderCancellationRequested, { orderId: '1042' });

    expect(outcome).toMatchObject({ kind: 'handled', writes: [], events: [] });
  });
});
