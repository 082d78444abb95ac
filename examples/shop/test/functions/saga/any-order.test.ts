import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createShopWorld } from './shop-world.ts';

/** What an order would meet if it were alone. */
interface Fate {
  readonly declined: boolean;
  readonly refused: boolean;
  /** What a person decides about a payment that is held; undefined where it is not. */
  readonly review: 'release' | 'refuse' | undefined;
  readonly quantity: number;
}

interface Single {
  readonly kind: 'step' | 'overlap' | 'repeat' | 'cancel';
  readonly service: number;
  readonly order: number;
  readonly event: number;
}

/** Several at once: whichever commits first changes what the others have read. */
type Move = Single | { readonly kind: 'race'; readonly singles: readonly Single[] };

const place = fc.nat({ max: 59 });

const singleArbitrary: fc.Arbitrary<Single> = fc.record({
  kind: fc.constantFrom('step', 'step', 'step', 'step', 'step', 'overlap', 'repeat', 'cancel'),
  service: place,
  order: place,
  event: place,
});

const moveArbitrary: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: singleArbitrary },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('race' as const),
      singles: fc.array(singleArbitrary, { minLength: 2, maxLength: 4 }),
    }),
  },
);

const fateArbitrary: fc.Arbitrary<Fate> = fc.record({
  declined: fc.boolean(),
  refused: fc.boolean(),
  review: fc.constantFrom(undefined, undefined, 'release' as const, 'refuse' as const),
  quantity: fc.integer({ min: 1, max: 3 }),
});

const PRICE = 500;
const DECLINED = 100_000;

const idOf = (number: number) => `100${number}`;

type World = ReturnType<typeof createShopWorld>;

describe.each(['choreographed', 'orchestrated'] as const)('the %s shop, in any order of events', (fulfilment) => {
  it.each([undefined, 'acme'])(
    'ships orders or undoes them whole, and comes out even (tenant: %s)',
    async (tenantId) => {
      const fates = fc.array(fateArbitrary, { minLength: 1, maxLength: 3 });
      const moves = fc.array(moveArbitrary, { maxLength: 60 });
      await fc.assert(
        fc.asyncProperty(fates, fc.nat({ max: 6 }), moves, async (orders, stocked, played) => {
          const refusedParcels = orders.flatMap(({ refused }, number) => (refused ? [idOf(number)] : []));
          const heldPayments = orders.flatMap(({ review }, number) => (review === undefined ? [] : [idOf(number)]));
          const world = createShopWorld({ fulfilment, tenantId, refusedParcels, heldPayments });
          if (stocked > 0) await world.receive('receipt-1', 'TEA', stocked);
          for (const [number, { declined, quantity }] of orders.entries()) {
            await world.place(idOf(number), [{ sku: 'TEA', quantity }], declined ? DECLINED : PRICE * quantity);
          }

          await play(world, played, orders.length);
          const all = orders.map((_, number) => idOf(number));
          await world.settle(all);
          for (const [number, { review }] of orders.entries()) if (review) await world.review(idOf(number), review);
          await world.settle(all);

          const shipped: number[] = [];
          for (const [number, fate] of orders.entries()) {
            if ((await expectEnded(world, idOf(number), fate)) === 'shipped') shipped.push(number);
          }
          const pieces = shipped.reduce((sum, number) => sum + (orders[number]?.quantity ?? 0), 0);
          const { charges, refunds } = world.gateway;
          expect(moneyOf(charges) - moneyOf(refunds)).toBe(PRICE * pieces);
          expect(await world.available('TEA')).toBe(stocked - pieces);
          expect(world.carrier.bookings.map(({ orderId }) => orderId).toSorted()).toStrictEqual(shipped.map(idOf));
        }),
        { numRuns: 150 },
      );
    },
    60_000,
  );
});

async function play(world: World, moves: readonly Move[], orders: number): Promise<void> {
  const playSingle = async ({ kind, service: at, order, event }: Single) => {
    const orderId = idOf(order % orders);
    const service = world.services[at % world.services.length];
    if (kind === 'cancel') await world.cancel(orderId);
    if (service === undefined) return;
    if (kind === 'step') await world.step(service, orderId);
    if (kind === 'overlap') await world.step(service, orderId, 2);
    if (kind === 'repeat') await world.repeat(service, orderId, event);
  };
  for (const move of moves) {
    if (move.kind === 'race') await Promise.all(move.singles.map(playSingle));
    else await playSingle(move);
  }
}

/** @returns the status that the order ended with */
async function expectEnded(world: World, orderId: string, { declined, review }: Fate): Promise<string | undefined> {
  const order = await world.order(orderId);
  const events = world.eventsOf(orderId);
  const count = (type: string) => events.filter((event) => event.type === `com.example.${type}`).length;
  const charges = world.gateway.charges.filter((charge) => charge.orderId === orderId).length;
  // a saga that was aborted closes a payment under review, and needs no news of it
  const isGivenUp = world.closesReviews && review !== undefined && order?.cancellationReason === 'customer';
  expect(count('payment.captured') + count('payment.failed')).toBeLessThanOrEqual(1);
  if (!isGivenUp) expect(count('payment.captured') + count('payment.failed')).toBe(1);
  if (declined || review === 'refuse') expect(charges).toBe(0);
  else if (review === undefined) expect(charges).toBe(1);
  expect(charges).toBe(count('payment.captured'));
  if (order?.status === 'shipped') {
    expect(order.cancellationReason).toBeUndefined();
    expect([count('shipment.created'), count('payment.refunded'), count('order.cancelled')]).toStrictEqual([1, 0, 0]);
  } else {
    expect(order?.status).toBe('cancelled');
    // a saga that gives up asks for money back while it does not know whether any was captured
    expect(count('payment.refunded')).toBeGreaterThanOrEqual(charges);
    expect(count('payment.refunded')).toBeLessThanOrEqual(1);
    expect([count('shipment.created'), count('order.cancelled')]).toStrictEqual([0, 1]);
    expect(events.find(({ type }) => type === 'com.example.order.cancelled')?.data).toMatchObject({
      reason: order?.cancellationReason,
    });
  }
  return order?.status;
}

const moneyOf = (moved: readonly { readonly amount: { readonly minorUnits: number } }[]): number =>
  moved.reduce((sum, { amount }) => sum + amount.minorUnits, 0);
