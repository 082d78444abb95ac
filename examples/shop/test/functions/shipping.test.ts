import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHarness, happened } from 'waybill/testing';
import { ParcelMoved } from '../../functions/carrier-tracking/events.ts';
import { TRACKING_STATUSES, type TrackingStatus } from '../../functions/carrier-tracking/tracking-status.ts';
import { InventoryReserved } from '../../functions/inventory/events.ts';
import { deliveryAddressSchema } from '../../functions/orders/delivery-address.ts';
import { OrderCancellationRequested } from '../../functions/orders/events.ts';
import { DELIVERY_ADDRESSES_TABLE } from '../../functions/orders/table.ts';
import {
  ShipmentCancelled,
  ShipmentCreated,
  ShipmentDelivered,
  ShipmentTracked,
} from '../../functions/shipping/events.ts';
import { createFakeCarrier } from '../../functions/shipping/fake-carrier.ts';
import { createShippingHandlers } from '../../functions/shipping/handler.ts';
import { shipmentSchema } from '../../functions/shipping/shipment.ts';
import { SHIPPING_TABLE } from '../../functions/shipping/table.ts';

const reserved = { orderId: '1042', lines: [{ sku: 'TEA', quantity: 6 }] };

function createShipping(refusal?: string) {
  const shop = createHarness({ tables: { shipments: SHIPPING_TABLE, addresses: DELIVERY_ADDRESSES_TABLE } });
  const carrier = createFakeCarrier({ name: 'carrier', refuse: () => refusal });
  const shipments = shop.table('shipments', (item) => shipmentSchema.parse(item));
  const addresses = shop.table('addresses', (item) => deliveryAddressSchema.parse(item));
  return { shop, carrier, shipping: shop.serve(createShippingHandlers({ shipments, addresses, carriers: [carrier] })) };
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

describe('tracking', () => {
  async function createBooked() {
    const rig = createShipping();
    await rig.shop.given({ events: [happened(InventoryReserved, reserved)] });
    const [shipment] = rig.shop.items('shipments') as readonly [{ trackingNumber: string }];
    const { trackingNumber } = shipment;
    const moved = (status: TrackingStatus, deliveryId: string, more: { readonly trackingNumber?: string } = {}) =>
      rig.shipping.when(ParcelMoved, {
        orderId: '1042',
        trackingNumber,
        status,
        at: `2026-11-21T08:00:0${TRACKING_STATUSES.indexOf(status)}.000Z`,
        deliveryId,
        ...more,
      });
    return { ...rig, moved };
  }

  it('shows where a parcel was seen last, and tells of each station', async () => {
    const { shop, moved } = await createBooked();

    await moved('picked-up', 'm1');
    await moved('delivered', 'm2');

    expect(shop.items('shipments')).toMatchObject([
      {
        status: 'booked',
        tracking: { status: 'delivered', at: '2026-11-21T08:00:03.000Z' },
        moves: [
          { deliveryId: 'm1', status: 'picked-up' },
          { deliveryId: 'm2', status: 'delivered' },
        ],
      },
    ]);
    expect(shop.events(ShipmentTracked)).toMatchObject([{ data: { orderId: '1042', status: 'picked-up' } }]);
    expect(shop.events(ShipmentDelivered)).toMatchObject([{ data: { orderId: '1042' } }]);
  });

  it('notes a station that is told late, and does not go back to it', async () => {
    const { shop, moved } = await createBooked();
    await moved('out-for-delivery', 'm3');

    const late = await moved('in-transit', 'm2');

    expect(late.events).toStrictEqual([]);
    expect(shop.items('shipments')).toMatchObject([
      { tracking: { status: 'out-for-delivery' }, moves: [{ deliveryId: 'm3' }, { deliveryId: 'm2' }] },
    ]);
  });

  it.each([['a parcel that the shop has not booked', { trackingNumber: 'track-of-somebody' }]])(
    'ignores what is told of %s',
    async (_, more) => {
      const { shop, moved } = await createBooked();

      const outcome = await moved('delivered', 'm1', more);

      expect(outcome).toMatchObject({ kind: 'handled', writes: [], events: [] });
      expect(shop.items('shipments')).not.toMatchObject([{ tracking: {} }]);
    },
  );

  it('ignores what is told of an order that is not shipped', async () => {
    const { shop, shipping } = createShipping();
    await shipping.when(OrderCancellationRequested, { orderId: '1042' });
    const move = { orderId: '1042', trackingNumber: 't', status: 'delivered', at: 'now', deliveryId: 'm1' } as const;

    expect(await shipping.when(ParcelMoved, move)).toMatchObject({ kind: 'handled', writes: [], events: [] });

    expect(shop.items('shipments')).toStrictEqual([{ orderId: '1042', status: 'cancelled', reason: 'customer' }]);
  });

  it('ends at the furthest station and takes each message once, in any order and with any repetitions', async () => {
    const told = fc.array(fc.constantFrom(...TRACKING_STATUSES), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(told, async (statuses) => {
        const { shop, moved } = await createBooked();
        // one message for each station: what comes twice has the same id
        for (const status of statuses) await moved(status, `m-${status}`);

        const furthest = TRACKING_STATUSES.findLast((status) => statuses.includes(status));
        const first = statuses.filter((status, index) => statuses.indexOf(status) === index);
        const ahead = first.filter((status, index) =>
          first.slice(0, index).every((one) => TRACKING_STATUSES.indexOf(one) < TRACKING_STATUSES.indexOf(status)),
        );
        const [shipment] = shop.items('shipments');
        expect(shipment).toMatchObject({ tracking: { status: furthest } });
        expect(shipment?.['moves']).toMatchObject(first.map((status) => ({ deliveryId: `m-${status}`, status })));
        expect(shop.events(ShipmentTracked).length + shop.events(ShipmentDelivered).length).toBe(ahead.length);
      }),
      { numRuns: 50 },
    );
  });
});
