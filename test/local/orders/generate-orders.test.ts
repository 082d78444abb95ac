import { describe, expect, it } from 'vitest';
import { generateOrders } from '../../../local/orders/generate-orders.ts';
import { createRandom } from '../../../local/seeded-random.ts';

const generate = (seed: number, count: number) => [...generateOrders(count, createRandom(seed))];

describe('generateOrders', () => {
  it('makes the same orders of the same seed', () => {
    expect(generate(7, 100)).toEqual(generate(7, 100));
    expect(generate(7, 100)).not.toEqual(generate(8, 100));
  });

  it('begins with the same orders however many there are', () => {
    expect(generate(7, 100).slice(0, 10)).toEqual(generate(7, 10));
  });

  it('counts order ids up from 1001', () => {
    expect(generate(1, 3).map(({ orderId }) => orderId)).toEqual(['1001', '1002', '1003']);
  });

  it('totals what the lines cost', () => {
    expect(generate(1, 1)).toEqual([
      {
        orderId: '1001',
        customerId: 'customer-184',
        lines: [{ sku: 'BISCUIT-SHORTBREAD', quantity: 3 }],
        total: { currency: 'GBP', minorUnits: 1350 },
      },
    ]);
  });

  it('names each product once in an order, of one to four products and one to three pieces', () => {
    const orders = generate(1, 500);

    expect(orders.every(({ lines }) => new Set(lines.map(({ sku }) => sku)).size === lines.length)).toBe(true);
    expect([...new Set(orders.map(({ lines }) => lines.length))].sort()).toEqual([1, 2, 3, 4]);
    expect([...new Set(orders.flatMap(({ lines }) => lines.map(({ quantity }) => quantity)))].sort()).toEqual([
      1, 2, 3,
    ]);
  });
});
