import { expect, it } from 'vitest';
import { defineSubscription, type TableSchema } from 'waybill';
import { handlersFor } from 'waybill/consumer';
import type { TenantTable } from 'waybill/tenancy';
import { createHarness } from 'waybill/testing';
import * as z from 'zod';
import { OrderPlaced } from '../../functions/orders/events.ts';

// a consumer that gives a point for every pound: as it would stand in examples/shop/functions/loyalty
const POINTS_TABLE = { partitionKey: { name: 'orderId', type: 'S' } } as const satisfies TableSchema;
const pointsSchema = z.object({ orderId: z.string(), customerId: z.string(), points: z.int() });
const loyalty = defineSubscription({ name: 'loyalty', events: [OrderPlaced] });

const createLoyaltyHandlers = ({ points }: { readonly points: TenantTable<z.infer<typeof pointsSchema>> }) =>
  handlersFor(loyalty, {
    'com.example.order.placed': async ({ data: { orderId, customerId, total } }, { tx }) => {
      if ((await points.get({ orderId })) !== undefined) return;
      points.within(tx).put({
        Item: { orderId, customerId, points: Math.floor(total.minorUnits / 100) },
        ConditionExpression: 'attribute_not_exists(orderId)',
      });
    },
  });

const order = {
  orderId: '1001',
  customerId: 'customer-1',
  lines: [{ sku: 'TEA', quantity: 2 }],
  total: { currency: 'GBP', minorUnits: 1_250 },
};

function createLoyalty() {
  const shop = createHarness({ tables: { points: POINTS_TABLE } });
  const points = shop.table('points', (item) => pointsSchema.parse(item));
  return { shop, consumer: shop.serve(createLoyaltyHandlers({ points })) };
}

it('gives one point per pound', async () => {
  const { consumer } = createLoyalty();

  const outcome = await consumer.when(OrderPlaced, order);

  expect(outcome.kind).toBe('handled');
  expect(outcome.writes).toMatchObject([
    { action: 'Put', table: 'points', item: { customerId: 'customer-1', points: 12 } },
  ]);
});

it.each(['before-commit', 'after-commit'] as const)('gives points once despite a crash %s', async (crash) => {
  const { shop, consumer } = createLoyalty();
  await consumer.when(OrderPlaced, order, { crash });

  await consumer.again();

  expect(shop.items('points')).toStrictEqual([{ orderId: '1001', customerId: 'customer-1', points: 12 }]);
});

it('gives points once, even if the event is delivered again after its record has expired', async () => {
  const { consumer } = createLoyalty();
  await consumer.when(OrderPlaced, order);

  const outcome = await consumer.again({ forgotten: true });

  expect(outcome).toMatchObject({ kind: 'handled', writes: [] });
});
