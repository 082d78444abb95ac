import { describe, expect, it } from 'vitest';
import { createHarness, happened } from 'waybill/testing';
import { InventoryInsufficient, InventoryReleased, InventoryReserved } from '../../functions/inventory/events.ts';
import { createInventoryHandlers } from '../../functions/inventory/handler.ts';
import { reservationSchema } from '../../functions/inventory/reservation.ts';
import { stockItemSchema } from '../../functions/inventory/stock.ts';
import { INVENTORY_TABLE, STOCK_TABLE } from '../../functions/inventory/table.ts';
import { OrderPlaced } from '../../functions/orders/events.ts';
import { PaymentCaptured, PaymentFailed } from '../../functions/payments/events.ts';
import { ShipmentCancelled } from '../../functions/shipping/events.ts';

const orderId = '1042';
const amount = { currency: 'GBP', minorUnits: 900 };
const lines = [
  { sku: 'TEA', quantity: 2 },
  { sku: 'CUP', quantity: 1 },
  { sku: 'TEA', quantity: 1 },
];
const placed = happened(OrderPlaced, { orderId, customerId: '17850', lines, total: amount });
const captured = { orderId, paymentId: 'p1', amount };

async function createInventory(stock: Readonly<Record<string, number>>) {
  const shop = createHarness({ tables: { reservations: INVENTORY_TABLE, stock: STOCK_TABLE } });
  const reservations = shop.table('reservations', (item) => reservationSchema.parse(item));
  const stockItems = shop.table('stock', (item) => stockItemSchema.parse(item));
  const inventory = shop.serve(createInventoryHandlers({ reservations, stock: stockItems }));
  const items = Object.entries(stock).map(([sku, available]) => ({ sku, available }));
  await shop.given({ items: { stock: items }, events: [placed] });
  const available = () => Object.fromEntries(shop.items('stock').map((item) => [item['sku'], item['available']]));
  return { shop, inventory, available, status: () => shop.items('reservations')[0]?.['status'] };
}

describe('inventory', () => {
  it.each(['before-commit', 'after-commit'] as const)(
    'takes the pieces of a paid order from stock, once through a crash %s',
    async (crash) => {
      const { shop, inventory, available, status } = await createInventory({ TEA: 5, CUP: 1 });
      await inventory.when(PaymentCaptured, captured, { crash });

      await inventory.again();
      await inventory.again({ forgotten: true });

      expect(available()).toStrictEqual({ TEA: 2, CUP: 0 });
      expect(status()).toBe('reserved');
      expect(shop.events(InventoryReserved)).toMatchObject([{ data: { orderId, lines } }]);
    },
  );

  it('reserves nothing if one product is short, and reports the shortage', async () => {
    const { inventory, available, status } = await createInventory({ TEA: 2 });

    const outcome = await inventory.when(PaymentCaptured, captured);

    expect(outcome.eventsOf(InventoryInsufficient)).toMatchObject([
      {
        data: {
          missing: [
            { sku: 'TEA', wanted: 3, available: 2 },
            { sku: 'CUP', wanted: 1, available: 0 },
          ],
        },
      },
    ]);
    expect(available()).toStrictEqual({ TEA: 2 });
    expect(status()).toBe('insufficient');
  });

  it('returns the stock of a cancelled shipment once', async () => {
    const { shop, inventory, available, status } = await createInventory({ TEA: 5, CUP: 1 });
    await inventory.when(PaymentCaptured, captured);

    await inventory.when(ShipmentCancelled, { orderId, reason: 'carrier' });
    await inventory.again({ forgotten: true });

    expect(available()).toStrictEqual({ TEA: 5, CUP: 1 });
    expect(status()).toBe('released');
    expect(shop.events(InventoryReleased)).toMatchObject([{ data: { orderId, lines } }]);
  });

  it('never reserves stock for an order if its shipment is cancelled before it is paid', async () => {
    const { inventory, available, status } = await createInventory({ TEA: 5, CUP: 1 });

    const closing = await inventory.when(ShipmentCancelled, { orderId, reason: 'customer' });
    const late = await inventory.when(PaymentCaptured, captured);

    expect(closing.eventsOf(InventoryReleased)).toMatchObject([{ data: { orderId, lines: [] } }]);
    expect(late).toMatchObject({ kind: 'handled', writes: [], events: [] });
    expect(available()).toStrictEqual({ TEA: 5, CUP: 1 });
    expect(status()).toBe('closed');
  });

  it.each(['payment', 'stock'] as const)('returns no stock if %s failed', async (cause) => {
    const { inventory } = await createInventory({});
    if (cause === 'payment') await inventory.when(PaymentFailed, { orderId, amount, reason: 'limit-exceeded' });
    else await inventory.when(PaymentCaptured, captured);

    const outcome = await inventory.when(ShipmentCancelled, { orderId, reason: 'customer' });

    expect(outcome).toMatchObject({ kind: 'handled', writes: [], events: [] });
  });
});
