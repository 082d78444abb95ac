import { describe, expect, it } from 'vitest';
import type { CallFunction } from '../../../local/orders/function-calls.ts';
import { queryReadModels } from '../../../local/read-models/query-read-models.ts';
import { shopOf } from '../orders/shop-of.ts';

const { signal } = new AbortController();

const day = { day: '2026-11-20', orders: 1, captured: 5, refunded: 0, net: 5 };

/** Shipped orders come on two pages, all others on one without orders. */
const createCalls = () => {
  const asked: string[] = [];
  const call: CallFunction = async (functionName, payload) => {
    const query = JSON.stringify(payload);
    asked.push(`${functionName} ${query}`);
    if (functionName === 'query-revenue-1') return { kind: 'answered', answer: { days: [day] } };
    if (!query.includes('"shipped"')) return { kind: 'answered', answer: { orders: [], next: undefined } };
    const isFirst = !query.includes('"after"');
    const answer = { orders: [{ orderId: isFirst ? '1' : '2' }], next: isFirst ? 'page-2' : undefined };
    return { kind: 'answered', answer };
  };
  return { asked, call };
};

describe('queryReadModels', () => {
  it('queries all pages of every status, and every year, for each tenant', async () => {
    const { asked, call } = createCalls();

    const models = await queryReadModels(['a', 'b'], ['2026', '2027'], { call, shop: shopOf('1'), signal });

    expect(models).toMatchObject([
      { tenantId: 'a', orders: [{ orderId: '1' }, { orderId: '2' }], days: [day, day] },
      { tenantId: 'b', orders: [{ orderId: '1' }, { orderId: '2' }], days: [day, day] },
    ]);
    expect(asked).toContain('query-orders-1 {"tenantId":"b","status":"shipped","limit":100,"after":"page-2"}');
    expect(asked).toContain('query-revenue-1 {"tenantId":"a","currency":"GBP","period":"2027"}');
  });

  it('names no tenant if there are no tenants', async () => {
    const { asked, call } = createCalls();

    await queryReadModels([undefined], ['2026'], { call, shop: shopOf('1'), signal });

    expect(asked).toContain('query-revenue-1 {"currency":"GBP","period":"2026"}');
  });

  it('reports which view did not answer, and why, and continues with the others', async () => {
    const { call } = createCalls();
    const models = await queryReadModels([undefined], ['2026'], {
      call: async (functionName, payload, abort) =>
        functionName === 'query-orders-1'
          ? { kind: 'failed', reason: 'Error: down' }
          : call(functionName, payload, abort),
      shop: shopOf('1'),
      signal,
    });

    expect(models).toEqual([
      {
        tenantId: undefined,
        orders: [],
        days: [day],
        unanswered: { orders: 'query-orders-1 did not answer {"status":"placed","limit":100}: Error: down' },
      },
    ]);
  });
});
