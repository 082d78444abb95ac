import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createShopWorld } from './shop-world.ts';

/** What becomes of an order beside what its neighbours do to it. */
interface Fate {
  readonly declined: boolean;
  readonly refused: boolean;
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

const place = fc.nat({ max: 11 });

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
  quantity: fc.integer({ min: 1, max: 3 }),
});

const PRICE = 500;
const DECLINED = 100_000;

describe('the choreographed shop, in any order of events', () => {
  it.each([undefined, 'acme'])(
    'ships an order or undoes it whole, and comes out even (tenant: %s)',
    async (tenantId) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fateArbitrary, { minLength: 1, maxLength: 3 }),
          fc.integer({ min: 0, max: 6 }),
          fc.array(moveArbitrary, { maxLength: 60 }),
          async (fates, stocked, moves) => {
            const ids = fates.map((_, number) => `100${number}`);
            const idAt = (place: number) => ids[place % ids.length] ?? '';
            const world = createShopWorld({
              tenantId,
              refusedParcels: ids.filter((_, number) => fates[number]?.refused),
            });
            const serviceAt = (place: number) => world.services.slice(place % 4)[0] ?? never();
            if (stocked > 0) await world.receive('receipt-1', 'TEA', stocked);
            for (const [number, { declined, quantity }] of fates.entries()) {
              await world.place(idAt(number), [{ sku: 'TEA', quantity }], declined ? DECLINED : PRICE * quantity);
            }

            const play = async ({ kind, service, order, event }: Single) => {
              if (kind === 'step') await world.step(serviceAt(service), idAt(order));
              if (kind === 'overlap') await world.step(serviceAt(service), idAt(order), 2);
              if (kind === 'repeat') await world.repeat(serviceAt(service), idAt(order), event);
              if (kind === 'cancel') await world.cancel(idAt(order));
            };
            for (const move of moves) {
              if (move.kind === 'race') await Promise.all(move.singles.map(play));
              else await play(move);
            }
            await world.settle(ids);

            const shipped: string[] = [];
            for (const [number, orderId] of ids.entries()) {
              const order = await world.order(orderId);
              const types = world.eventsOf(orderId).map(({ type }) => type.replace('com.example.', ''));
              const count = (type: string) => types.filter((each) => each === type).length;
              const charges = world.gateway.charges.filter((charge) => charge.orderId === orderId).length;
              expect(count('payment.captured') + count('payment.failed')).toBe(1);
              expect(charges).toBe(fates[number]?.declined ? 0 : 1);
              if (order?.status === 'shipped') {
                shipped.push(orderId);
                expect(order.cancellationReason).toBeUndefined();
                expect([count('shipment.created'), count('order.cancelled'), count('payment.refunded')]).toStrictEqual([
                  1, 0, 0,
                ]);
              } else {
                expect(order?.status).toBe('cancelled');
                expect([count('shipment.created'), count('order.cancelled')]).toStrictEqual([0, 1]);
                expect(count('payment.refunded')).toBe(charges);
                expect(order?.cancellationReason).toBe(reasonToldIn(world.eventsOf(orderId)));
              }
            }
            const pieces = (orderIds: readonly string[]) =>
              orderIds.reduce((sum, orderId) => sum + (fates[ids.indexOf(orderId)]?.quantity ?? 0), 0);
            const { charges, refunds } = world.gateway;
            const sum = (moved: readonly { readonly amount: { readonly minorUnits: number } }[]) =>
              moved.reduce((total, { amount }) => total + amount.minorUnits, 0);
            expect(sum(charges) - sum(refunds)).toBe(PRICE * pieces(shipped));
            expect(await world.available('TEA')).toBe(stocked - pieces(shipped));
            expect(world.carrier.bookings.map(({ orderId }) => orderId).toSorted()).toStrictEqual(shipped);
          },
        ),
        { numRuns: 300 },
      );
    },
  );
});

const reasonToldIn = (events: readonly { readonly type: string; readonly data?: unknown }[]): unknown =>
  (events.find(({ type }) => type === 'com.example.order.cancelled')?.data as { reason?: unknown } | undefined)?.reason;

function never(): never {
  throw new Error('there are four services');
}
