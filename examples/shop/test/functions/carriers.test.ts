import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExternalTimeoutError, ExternalUnavailableError } from 'waybill/resilience';
import { createHarness } from 'waybill/testing';
import { InventoryReserved } from '../../functions/inventory/events.ts';
import { deliveryAddressSchema } from '../../functions/orders/delivery-address.ts';
import { OrderCancellationRequested } from '../../functions/orders/events.ts';
import { DELIVERY_ADDRESSES_TABLE } from '../../functions/orders/table.ts';
import type { Carrier, Rate, RatesRequest } from '../../functions/shipping/carrier.ts';
import { ShipmentCancelled, ShipmentCreated } from '../../functions/shipping/events.ts';
import { createFakeCarrier, type FakeCarrier } from '../../functions/shipping/fake-carrier.ts';
import { createShippingHandlers } from '../../functions/shipping/handler.ts';
import { shipmentSchema } from '../../functions/shipping/shipment.ts';
import { SHIPPING_TABLE } from '../../functions/shipping/table.ts';

const reserved = { orderId: '1042', lines: [{ sku: 'TEA', quantity: 6 }] };

const rateOf = (minorUnits: number, days = 3): Rate => ({
  service: `in-${days}`,
  amount: { currency: 'GBP', minorUnits },
  days,
});

/** What happens to one call; `lost`: it is carried out, and its answer does not arrive. */
type Trouble = 'down' | 'lost' | 'refused';

interface Troubled extends Carrier {
  readonly bookings: FakeCarrier['bookings'];
  readonly asked: RatesRequest[];
  rates: Carrier['rates'];
  book: Carrier['book'];
  /** Of the next calls, one by one. */
  readonly ratesTrouble: Trouble[];
  readonly bookTrouble: Trouble[];
}

function createTroubled(name: string, rates: readonly Rate[], refuse?: () => string | undefined): Troubled {
  let refuseNext = false;
  const fake = createFakeCarrier({
    name,
    rates: () => rates,
    refuse: () => refuse?.() ?? (refuseNext ? 'too-heavy' : undefined),
  });
  const ratesTrouble: Trouble[] = [];
  const bookTrouble: Trouble[] = [];
  const asked: RatesRequest[] = [];
  return {
    name,
    bookings: fake.bookings,
    asked,
    ratesTrouble,
    bookTrouble,
    async rates(request, signal) {
      asked.push(request);
      if (ratesTrouble.shift() !== undefined) throw new ExternalUnavailableError(name, 'asked for');
      return fake.rates(request, signal);
    },
    async book(request, signal) {
      const trouble = bookTrouble.shift();
      if (trouble === 'down') throw new ExternalUnavailableError(name, 'asked for');
      refuseNext = trouble === 'refused';
      const outcome = await fake.book(request, signal);
      if (trouble === 'lost') throw new ExternalTimeoutError(name, 2_000);
      return outcome;
    },
  };
}

/** Begun, and not known how it ended. */
const bookingAt = (carrier: string) => ({
  ...reserved,
  status: 'booking',
  carrier,
  rate: rateOf(100),
  idempotencyKey: 'k',
  refusedBy: [],
});

function createShipping(...carriers: readonly Troubled[]) {
  const shop = createHarness({ tables: { shipments: SHIPPING_TABLE, addresses: DELIVERY_ADDRESSES_TABLE } });
  const shipments = shop.table('shipments', (item) => shipmentSchema.parse(item));
  const addresses = shop.table('addresses', (item) => deliveryAddressSchema.parse(item));
  return { shop, shipping: shop.serve(createShippingHandlers({ shipments, addresses, carriers })) };
}

describe('the choice of a carrier', () => {
  it('falls on the cheapest rate, of equal ones on the fastest, and is recorded with the booking', async () => {
    const post = createTroubled('post', [rateOf(900, 1), rateOf(500, 4)]);
    const vans = createTroubled('vans', [rateOf(500, 2)]);
    const { shop, shipping } = createShipping(post, vans);

    const outcome = await shipping.when(InventoryReserved, reserved);

    expect([post.bookings, vans.bookings]).toMatchObject([[], [{ orderId: '1042', service: 'in-2' }]]);
    expect(shop.items('shipments')).toMatchObject([{ status: 'booked', carrier: 'vans', rate: rateOf(500, 2) }]);
    expect(outcome.eventsOf(ShipmentCreated)).toMatchObject([{ data: { orderId: '1042', carrier: 'vans' } }]);
  });

  it('compares rates for the country and the number of pieces', async () => {
    const post = createTroubled('post', [rateOf(500)]);
    const { shop, shipping } = createShipping(post);
    const address = { recipient: 'Ada King', line1: '12 Tea Lane', city: 'Leeds', country: 'GB' };
    await shop.given({ items: { addresses: [{ orderId: '1042', address, expires: 1 }] } });
    const lines = [...reserved.lines, { sku: 'CUP', quantity: 2 }];

    await shipping.when(InventoryReserved, { ...reserved, lines });

    expect(post.asked).toStrictEqual([{ account: undefined, country: 'GB', pieces: 8 }]);
  });

  it('leaves out carriers that do not deliver, and cancels the order if none does', async () => {
    const post = createTroubled('post', []);
    const vans = createTroubled('vans', [rateOf(5_000)]);
    const both = createShipping(post, vans);
    const none = createShipping(post);

    await both.shipping.when(InventoryReserved, reserved);
    const outcome = await none.shipping.when(InventoryReserved, reserved);

    expect(both.shop.items('shipments')).toMatchObject([{ carrier: 'vans' }]);
    expect(outcome.eventsOf(ShipmentCancelled)).toMatchObject([{ data: { reason: 'carrier' } }]);
  });

  it('leaves out a carrier that does not answer', async () => {
    const post = createTroubled('post', [rateOf(100)]);
    const vans = createTroubled('vans', [rateOf(500)]);
    const { shop, shipping } = createShipping(post, vans);
    post.ratesTrouble.push('down');

    await shipping.when(InventoryReserved, reserved);

    expect(shop.items('shipments')).toMatchObject([{ status: 'booked', carrier: 'vans' }]);
  });

  it('waits for a carrier that does not answer if no other delivers', async () => {
    const post = createTroubled('post', [rateOf(100)]);
    const vans = createTroubled('vans', []);
    const { shop, shipping } = createShipping(post, vans);
    post.ratesTrouble.push('down');

    const first = await shipping.when(InventoryReserved, reserved);
    const items = shop.items('shipments');
    await shipping.again();

    expect(first).toMatchObject({ kind: 'failed', failure: { code: 'EXTERNAL_UNAVAILABLE' } });
    expect(items).toStrictEqual([]);
    expect(shop.items('shipments')).toMatchObject([{ status: 'booked', carrier: 'post' }]);
  });
});

describe('a booking', () => {
  it('goes to the next carrier if one refuses it for good', async () => {
    const post = createTroubled('post', [rateOf(100)], () => 'too-heavy');
    const vans = createTroubled('vans', [rateOf(500)]);
    const { shop, shipping } = createShipping(post, vans);

    await shipping.when(InventoryReserved, reserved);

    expect(shop.items('shipments')).toMatchObject([{ status: 'booked', carrier: 'vans' }]);
    expect([post.bookings.length, vans.bookings.length]).toStrictEqual([0, 1]);
  });

  it('is cancelled if all refuse it, one after another', async () => {
    const post = createTroubled('post', [rateOf(100)], () => 'too-heavy');
    const vans = createTroubled('vans', [rateOf(500)], () => 'too-heavy');
    const { shop, shipping } = createShipping(post, vans);

    const outcome = await shipping.when(InventoryReserved, reserved);

    expect(outcome.eventsOf(ShipmentCancelled)).toMatchObject([{ data: { reason: 'carrier' } }]);
    expect(shop.items('shipments')).toStrictEqual([{ orderId: '1042', status: 'cancelled', reason: 'carrier' }]);
  });

  it.each<Trouble>(['lost', 'down'])(
    'that is %s stays with its carrier, although that one tells no rates any more and another is there',
    async (trouble) => {
      const post = createTroubled('post', [rateOf(100)]);
      const vans = createTroubled('vans', [rateOf(500)]);
      const { shop, shipping } = createShipping(post, vans);
      post.bookTrouble.push(trouble, 'down');

      const first = await shipping.when(InventoryReserved, reserved);
      post.ratesTrouble.push('down', 'down', 'down');
      const second = await shipping.again();
      await shipping.again();

      expect([first.kind, second.kind]).toStrictEqual(['failed', 'failed']);
      expect([post.bookings.length, vans.bookings.length]).toStrictEqual([1, 0]);
      expect(shop.items('shipments')).toMatchObject([{ status: 'booked', carrier: 'post' }]);
    },
  );

  it('is the same one after a crash, although another carrier is cheaper by then', async () => {
    const prices = [rateOf(500)];
    const post = createTroubled('post', [rateOf(300)]);
    const vans = createTroubled('vans', prices);
    const { shop, shipping } = createShipping(post, vans);
    await shipping.when(InventoryReserved, reserved, { crash: 'before-commit' });
    prices.splice(0, 1, rateOf(100));

    await shipping.again();

    expect([post.bookings.length, vans.bookings.length]).toStrictEqual([1, 0]);
    expect(shop.items('shipments')).toMatchObject([{ status: 'booked', carrier: 'post', rate: rateOf(300) }]);
  });

  it('at a carrier that the deployment does not have any more waits for it', async () => {
    const post = createTroubled('post', [rateOf(100)]);
    const { shop, shipping } = createShipping(post);
    await shop.given({ items: { shipments: [bookingAt('vans')] } });

    const outcome = await shipping.when(InventoryReserved, reserved);

    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: {
        code: 'SHIPPING_CARRIER_UNKNOWN',
        message:
          "order '1042' may be booked at the carrier 'vans', and this deployment has post only: deploy it with the carrier's URL, then redrive the event",
      },
    });
    expect(post.bookings).toStrictEqual([]);
  });

  it.each<[string, string | undefined, object]>([
    ['has it', undefined, { status: 'booked', carrier: 'post', rate: rateOf(100) }],
    ['refuses it', 'too-heavy', { status: 'cancelled', reason: 'customer' }],
  ])('whose event was skipped is settled when the customer cancels: its carrier %s', async (_, reason, item) => {
    const post = createTroubled('post', [rateOf(300)], () => reason);
    const vans = createTroubled('vans', [rateOf(500)]);
    const { shop, shipping } = createShipping(vans, post);
    await shop.given({ items: { shipments: [bookingAt('post')] } });

    await shipping.when(OrderCancellationRequested, { orderId: '1042' });

    expect(shop.items('shipments')).toMatchObject([item]);
    expect(post.bookings.map(({ idempotencyKey }) => idempotencyKey)).toStrictEqual(reason === undefined ? ['k'] : []);
    expect(vans.bookings).toStrictEqual([]);
  });

  it('is made once, at one of all carriers, whatever goes wrong and in whatever order', async () => {
    const trouble = fc.array(fc.constantFrom<Trouble>('down', 'lost', 'refused'), { maxLength: 4 });
    const crash = fc.constantFrom('before-commit' as const, 'after-commit' as const, undefined);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ rates: trouble, book: trouble, price: fc.integer({ min: 1, max: 9 }) }), {
          minLength: 2,
          maxLength: 3,
        }),
        fc.array(crash, { maxLength: 4 }),
        async (plans, crashes) => {
          const carriers = plans.map(({ rates, book, price }, index) => {
            const carrier = createTroubled(`carrier-${index}`, [rateOf(price)]);
            carrier.ratesTrouble.push(...rates);
            carrier.bookTrouble.push(...book);
            return carrier;
          });
          const { shop, shipping } = createShipping(...carriers);

          const [first, ...later] = [...crashes, undefined];
          await shipping.when(InventoryReserved, reserved, first === undefined ? {} : { crash: first });
          for (const one of later) await shipping.again(one === undefined ? {} : { crash: one });
          // all trouble ends
          for (let more = 0; more < 30; more++) await shipping.again();

          const parcels = carriers.flatMap(({ name, bookings }) =>
            bookings.map(({ shipmentId }) => ({ name, shipmentId })),
          );
          const [shipment] = shop.items('shipments');
          const told = shop.events(ShipmentCreated).length + shop.events(ShipmentCancelled).length;
          expect(told).toBe(1);
          if (shipment?.['status'] === 'cancelled') expect(parcels).toStrictEqual([]);
          else expect(parcels).toStrictEqual([{ name: shipment?.['carrier'], shipmentId: shipment?.['shipmentId'] }]);
        },
      ),
      { numRuns: 150 },
    );
  });
});
