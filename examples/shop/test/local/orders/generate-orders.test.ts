import { describe, expect, it } from 'vitest';
import { placedOrderSchema } from '../../../functions/place-order/placement.ts';
import { generateOrders } from '../../../local/orders/generate-orders.ts';
import type { OrderCommand } from '../../../local/orders/order-command.ts';
import type { OrderPlan } from '../../../local/orders/order-plan.ts';

const ordersOf = ({ steps }: OrderPlan): OrderCommand[] =>
  steps.flatMap((step) => (step.kind === 'place' ? [step.order] : []));

const cancelledOf = ({ steps }: OrderPlan): string[] =>
  steps.flatMap((step) => (step.kind === 'cancel' ? [step.orderId] : []));

const isScarce = ({ lines }: OrderCommand) => lines.some(({ sku }) => sku === 'TEA-YELLOW-50G');

const isLarge = ({ total }: OrderCommand) => total.minorUnits >= 100_000;

describe('generateOrders', () => {
  it('makes the same plan from the same seed', () => {
    expect(generateOrders(100, 7)).toEqual(generateOrders(100, 7));
    expect(generateOrders(100, 7)).not.toEqual(generateOrders(100, 8));
  });

  it('starts with the same orders, however many there are', () => {
    expect(ordersOf(generateOrders(100, 7)).slice(0, 10)).toEqual(ordersOf(generateOrders(10, 7)));
  });

  it('counts order ids up from 1001', () => {
    expect(ordersOf(generateOrders(3, 1)).map(({ orderId }) => orderId)).toEqual(['1001', '1002', '1003']);
  });

  it('sets the total to the sum of the lines', () => {
    expect(ordersOf(generateOrders(1, 1))).toMatchObject([
      {
        orderId: '1001',
        customerId: 'customer-184',
        lines: [{ sku: 'BISCUIT-SHORTBREAD', quantity: 3 }],
        total: { currency: 'GBP', minorUnits: 1350 },
      },
    ]);
  });

  it('gives each customer one address and one payment method, and never a card number', () => {
    const orders = ordersOf(generateOrders(2_000, 1));

    const details = orders.map(({ customerId, shippingAddress, paymentMethod }) =>
      JSON.stringify([customerId, shippingAddress, paymentMethod]),
    );
    expect(new Set(details).size).toBe(new Set(orders.map(({ customerId }) => customerId)).size);
    expect(orders.filter((order) => !placedOrderSchema.safeParse(order).success)).toEqual([]);
  });

  it('names each product once in an ordinary order, of one to four products and one to three pieces', () => {
    const orders = ordersOf(generateOrders(500, 1)).filter((order) => !isScarce(order) && !isLarge(order));

    expect(orders.every(({ lines }) => new Set(lines.map(({ sku }) => sku)).size === lines.length)).toBe(true);
    expect([...new Set(orders.map(({ lines }) => lines.length))].sort()).toEqual([1, 2, 3, 4]);
    expect([...new Set(orders.flatMap(({ lines }) => lines.map(({ quantity }) => quantity)))].sort()).toEqual([
      1, 2, 3,
    ]);
  });

  it('makes one of 25 orders too large, one of scarce goods, and cancels one', () => {
    const plan = generateOrders(25, 5);

    expect(ordersOf(plan).filter(isLarge)).toMatchObject([
      { lines: [{ sku: 'KETTLE-COPPER', quantity: 20 }], total: { minorUnits: 149_000 } },
    ]);
    expect(ordersOf(plan).filter(isScarce)).toMatchObject([
      { lines: [{ sku: 'TEA-YELLOW-50G', quantity: 1 }], total: { minorUnits: 2_900 } },
    ]);
    expect(cancelledOf(plan)).toHaveLength(1);
  });

  it('cancels an order that could otherwise be fulfilled, right after it is placed', () => {
    const plan = generateOrders(100, 3);

    const taken = plan.steps.flatMap((step, index) => (step.kind === 'cancel' ? [plan.steps[index - 1]] : []));

    expect(taken).toMatchObject(cancelledOf(plan).map((orderId) => ({ kind: 'place', order: { orderId } })));
    expect(taken.flatMap((step) => (step?.kind === 'place' ? [step.order] : [])).some(isScarce)).toBe(false);
  });

  it('stocks all ordered goods, but only half of the scarce goods', () => {
    const plan = generateOrders(100, 3);
    const kettles = ordersOf(plan)
      .flatMap(({ lines }) => lines)
      .filter(({ sku }) => sku === 'KETTLE-COPPER')
      .reduce((sum, { quantity }) => sum + quantity, 0);

    expect(plan.stock.get('TEA-YELLOW-50G')).toBe(2);
    expect(plan.stock.get('KETTLE-COPPER')).toBe(kettles + 100);
  });

  it('lists every product that it sells', () => {
    const plan = generateOrders(200, 1);
    const sold = new Set(ordersOf(plan).flatMap(({ lines }) => lines.map(({ sku }) => sku)));

    expect(plan.products.map(({ sku }) => sku)).toEqual(expect.arrayContaining([...sold]));
    expect(plan.products).toContainEqual({
      sku: 'CUP-PORCELAIN',
      name: 'Porcelain cup',
      price: { currency: 'GBP', minorUnits: 825 },
    });
  });
});
