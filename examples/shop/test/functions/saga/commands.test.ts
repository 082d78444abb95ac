import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  InventoryReleaseRequested,
  InventoryReservationRequested,
  PaymentCaptureRequested,
  PaymentRefundRequested,
  ShipmentRequested,
} from '../../../functions/order-fulfilment/events.ts';
import { createShopWorld } from './shop-world.ts';

const COMMANDS = ['capture', 'refund', 'reserve', 'release', 'ship'] as const;

const ORDER = '1001';
const LINES = [
  { sku: 'TEA', quantity: 2 },
  { sku: 'TEA', quantity: 1 },
];

describe('the services of an orchestrated shop, given commands in any order', () => {
  it('answer each once, and hold neither money nor stock after it was returned', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...COMMANDS), { maxLength: 8 }),
        fc.record({ declined: fc.boolean(), short: fc.boolean(), refused: fc.boolean() }),
        fc.array(fc.nat({ max: 3 }), { maxLength: 8 }),
        async (commands, { declined, short, refused }, repeats) => {
          const world = createShopWorld({ fulfilment: 'orchestrated', refusedParcels: refused ? [ORDER] : [] });
          const stocked = short ? 2 : 3;
          await world.receive('receipt-1', 'TEA', stocked);
          const amount = { currency: 'GBP', minorUnits: declined ? 100_000 : 900 };
          const send = {
            capture: () => world.send(PaymentCaptureRequested, { orderId: ORDER, amount }),
            refund: () => world.send(PaymentRefundRequested, { orderId: ORDER }),
            reserve: () => world.send(InventoryReservationRequested, { orderId: ORDER, lines: LINES }),
            release: () => world.send(InventoryReleaseRequested, { orderId: ORDER }),
            ship: () => world.send(ShipmentRequested, { orderId: ORDER, lines: LINES }),
          };
          const workers = world.services.filter(({ subscription }) => subscription.name !== 'orders');

          for (const [index, command] of commands.entries()) {
            await send[command]();
            for (const worker of workers) {
              await world.step(worker, ORDER);
              await world.repeat(worker, ORDER, repeats[index] ?? 0);
            }
          }

          const events = world.eventsOf(ORDER);
          const answers = (...types: readonly string[]) =>
            events.filter(({ type }) => types.includes(type.replace('com.example.', ''))).length;
          const asked = (command: (typeof COMMANDS)[number]) => Number(commands.includes(command));
          expect(answers('payment.captured', 'payment.failed')).toBe(asked('capture'));
          expect(answers('payment.refunded')).toBe(asked('refund'));
          expect(answers('inventory.reserved', 'inventory.insufficient')).toBe(asked('reserve'));
          expect(answers('inventory.released')).toBe(asked('release'));
          expect(answers('shipment.created', 'shipment.cancelled')).toBe(asked('ship'));

          const { charges, refunds } = world.gateway;
          const isCaptured = !declined && stands(commands, 'capture', 'refund');
          const isReserved = !short && stands(commands, 'reserve', 'release');
          expect(charges.length - refunds.length).toBe(isCaptured ? 1 : 0);
          expect(await world.available('TEA')).toBe(isReserved ? 0 : stocked);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Whether it was asked to be done, and never to be undone. */
const stands = (commands: readonly string[], done: string, undone: string): boolean =>
  commands.includes(done) && !commands.includes(undone);
