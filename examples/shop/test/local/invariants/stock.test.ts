import { describe, expect, it } from 'vitest';
import type { CommittedChange } from '../../../../../local/dynamodb/dynamodb.ts';
import { checkReservations, checkStock } from '../../../local/invariants/stock.ts';
import { watchStock } from '../../../local/invariants/stock-watch.ts';
import { factsOf, factsOfTwo, order } from './facts.ts';

const plan = { stock: new Map([['TEA', 5]]) };

describe('stock at the end', () => {
  it('is the initial stock minus the shipped pieces', () => {
    const facts = factsOf({
      orders: [
        order('1', {
          lines: [
            { sku: 'TEA', quantity: 1 },
            { sku: 'TEA', quantity: 2 },
          ],
        }),
        order('2', { status: 'cancelled' }),
      ],
      stock: [{ sku: 'TEA', available: 2 }],
    });

    expect(checkStock(facts, plan)).toEqual({
      name: 'stock: on hand is the start minus what was shipped',
      holds: true,
      detail: ['5 at the start, 3 shipped, 2 on hand'],
    });
  });

  it('is wrong if pieces are missing, added, or of another tenant', () => {
    const facts = factsOfTwo(
      { orders: [order('1')], stock: [{ sku: 'TEA', available: 5 }] },
      {
        stock: [
          { sku: 'TEA', available: 4 },
          { sku: 'CUP', available: 1 },
        ],
      },
    );

    expect(checkStock(facts, plan)).toMatchObject({
      holds: false,
      detail: [
        'TEA of a: 5 at the start, 1 shipped, 5 on hand',
        'TEA of b: 5 at the start, 0 shipped, 4 on hand',
        'CUP of b: 0 at the start, 0 shipped, 1 on hand',
      ],
    });
  });
});

describe('reservations', () => {
  it('are held by shipped orders and by no others', () => {
    const orders = [order('1'), order('2', { status: 'cancelled' })];
    const lines = [{ sku: 'TEA', quantity: 1 }];

    const good = checkReservations(
      factsOf({
        orders,
        reservations: [
          { orderId: '1', lines, status: 'reserved' },
          { orderId: '2', lines, status: 'released' },
        ],
      }),
    );
    const bad = checkReservations(factsOf({ orders, reservations: [{ orderId: '2', lines, status: 'reserved' }] }));

    expect(good).toMatchObject({ holds: true, detail: ['by 1 order'] });
    expect(bad).toMatchObject({
      holds: false,
      detail: [
        'order 1 is shipped, and its reservation does not exist',
        'order 2 is cancelled, and its reservation reserved',
      ],
    });
  });
});

describe('watchStock', () => {
  const check = (...available: string[]) => {
    let listener: (changes: readonly CommittedChange[]) => void = () => {};
    using watch = watchStock(
      {
        onCommit(given) {
          listener = given;
          return () => {};
        },
      },
      'stock',
    );
    for (const tableName of ['stock', 'other']) {
      for (const N of available) {
        listener([{ tableName, before: undefined, after: { sku: { S: 'TEA' }, available: { N } } }]);
      }
    }
    return watch.check();
  };

  it('counts the writes to the stock table', () => {
    expect(check('5', '0')).toMatchObject({ holds: true, detail: ['2 writes'] });
  });

  it('finds stock that was negative at one commit, even if it no longer is', () => {
    expect(check('1', '-1', '4')).toMatchObject({ holds: false, detail: ['there were -1 pieces of TEA'] });
  });
});
