import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it } from 'vitest';
import { orderSchema } from '../../../functions/shop/orders/order.ts';
import { ORDERS_TABLE } from '../../../functions/shop/orders/table.ts';
import { createPlaceOrder } from '../../../functions/shop/place-order/handler.ts';
import { createInMemoryTableStore, createTenancy, createTenantTable } from '../../../lib/tenancy/index.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { createTestOutbox } from '../../fixtures/outbox.ts';

const COMMAND = {
  orderId: '536365',
  customerId: '17850',
  lines: [{ sku: 'TEA-LIGHT', quantity: 6 }],
  total: { currency: 'GBP', minorUnits: 13_912 },
};

function createRig() {
  const { outbox, store, tables, clock } = createTestOutbox({ orders: ['orderId'] });
  const tenancy = createTenancy({ mode: 'none', audit: { crossTenantWork: () => undefined } });
  const orders = createTenantTable({
    store: createInMemoryTableStore(tables),
    outbox,
    tenancy,
    tableName: 'orders',
    schema: ORDERS_TABLE,
    parse: (item) => orderSchema.parse(item),
  });
  const placeOrder = createPlaceOrder({ orders, outbox, tenancy, clock, logger: new Logger({ logLevel: 'SILENT' }) });
  return { store, placeOrder: (command: unknown) => placeOrder(command, lambdaContext()) };
}

describe('place-order', () => {
  it('writes the order and its event together', async () => {
    const { placeOrder, store } = createRig();

    expect(await placeOrder(COMMAND)).toStrictEqual({ orderId: '536365', outcome: 'placed' });

    expect(store.items('orders')).toMatchObject([
      { orderId: { S: '536365' }, status: { S: 'placed' }, placedAt: { S: '2026-11-20T06:00:00.000Z' } },
    ]);
    expect(store.events).toMatchObject([{ type: 'com.example.order.placed', group: 'order#536365', sequence: 1 }]);
  });

  it('answers the same command again without writing again', async () => {
    const { placeOrder, store } = createRig();
    await placeOrder(COMMAND);

    expect(await placeOrder(COMMAND)).toStrictEqual({ orderId: '536365', outcome: 'already-placed' });

    expect(store.events).toHaveLength(1);
  });

  it('rejects a command that says too little, naming every member that is wrong', async () => {
    const { placeOrder, store } = createRig();

    await expect(
      placeOrder({ ...COMMAND, lines: [], total: { currency: 'pounds', minorUnits: 1.5 } }),
    ).rejects.toMatchObject({
      code: 'PLACE_ORDER_INVALID',
      message: expect.stringMatching(
        /^place-order cannot be done: lines: .*; total\.currency: must be an ISO 4217 code like GBP; total\.minorUnits: /,
      ),
    });
    expect(store.events).toStrictEqual([]);
  });

  it('rejects more different goods than one transaction can reserve', async () => {
    const { placeOrder } = createRig();
    const lines = Array.from({ length: 91 }, (_, number) => ({ sku: `SKU-${number}`, quantity: 1 }));

    await expect(placeOrder({ ...COMMAND, lines })).rejects.toMatchObject({
      code: 'PLACE_ORDER_INVALID',
      message:
        'place-order cannot be done: lines: an order may have 90 different SKUs at most: place more than one order',
    });
  });
});
