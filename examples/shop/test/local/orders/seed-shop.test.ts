import { describe, expect, it } from 'vitest';
import type { CallFunction } from '../../../local/orders/function-calls.ts';
import { seedShop } from '../../../local/orders/seed-shop.ts';
import { shopOf } from './shop-of.ts';

const plan = {
  products: [{ sku: 'TEA', name: 'Tea', price: null }],
  stock: new Map([
    ['TEA', 5],
    ['RARE', 0],
  ]),
};

const shop = shopOf('1');

describe('seedShop', () => {
  it('registers the products and the stock of each tenant, but no empty stock', async () => {
    const called: string[] = [];
    const call: CallFunction = async (functionName, payload) => {
      called.push(`${functionName} ${JSON.stringify(payload)}`);
      return { kind: 'answered', answer: {} };
    };

    await seedShop(plan, ['a', 'b'], { call, shop, signal: new AbortController().signal });

    expect(called).toEqual([
      'change-product-1 {"sku":"TEA","name":"Tea","price":null,"tenantId":"a"}',
      'receive-stock-1 {"receiptId":"opening-TEA","sku":"TEA","quantity":5,"tenantId":"a"}',
      'change-product-1 {"sku":"TEA","name":"Tea","price":null,"tenantId":"b"}',
      'receive-stock-1 {"receiptId":"opening-TEA","sku":"TEA","quantity":5,"tenantId":"b"}',
    ]);
  });

  it('rejects with the reason of the shop', async () => {
    const call: CallFunction = async () => ({ kind: 'failed', reason: 'Error: no' });

    const seeding = seedShop(plan, [undefined], { call, shop, signal: new AbortController().signal });

    await expect(seeding).rejects.toMatchObject({
      code: 'LOCAL_SEED_REFUSED',
      message: 'TEA could not be stocked: Error: no',
    });
  });

  it('rejects with the reason of the signal if the signal aborted the call', async () => {
    const controller = new AbortController();
    const call: CallFunction = async () => {
      controller.abort(new Error('a grant is missing'));
      return { kind: 'failed', reason: 'AccessDeniedException' };
    };

    const seeding = seedShop(plan, [undefined], { call, shop, signal: controller.signal });

    await expect(seeding).rejects.toThrow('a grant is missing');
  });
});
