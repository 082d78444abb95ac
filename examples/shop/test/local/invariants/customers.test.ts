import { describe, expect, it } from 'vitest';
import type { CustomerItem } from '../../../functions/customers/customer.ts';
import { checkCustomers } from '../../../local/invariants/customers.ts';
import { factsOf, factsOfTwo, order } from './facts.ts';

const customer = (customerId: string, placed: number, shipped: number, cancelled: number): CustomerItem => ({
  kind: 'customer',
  customerId,
  placed,
  shipped,
  cancelled,
});

const ofOrder: CustomerItem = { kind: 'order', orderId: '1', customerId: 'c1', countedAs: ['placed', 'shipped'] };

const orders = [
  order('1'),
  order('2', { status: 'cancelled', cancellationReason: 'stock' }),
  order('3', { customerId: 'c2' }),
];

describe('customers', () => {
  it('have the counts of their orders', () => {
    const customers = [customer('c1', 2, 1, 1), ofOrder, customer('c2', 1, 1, 0)];

    expect(checkCustomers(factsOf({ orders, customers }))).toEqual({
      name: 'customers: their orders are counted once',
      holds: true,
      detail: ['2 customers'],
    });
  });

  it('are wrong if an order is counted twice, not at all, or without an order', () => {
    const customers = [customer('c1', 2, 2, 1), customer('c9', 1, 0, 0)];

    expect(checkCustomers(factsOf({ orders, customers }))).toMatchObject({
      holds: false,
      detail: [
        'c1 has 2 placed, 1 shipped, 1 cancelled; counted are 2 placed, 2 shipped, 1 cancelled',
        'c2 has 1 placed, 1 shipped, 0 cancelled; counted are 0 placed, 0 shipped, 0 cancelled',
        'c9 has 0 placed, 0 shipped, 0 cancelled; counted are 1 placed, 0 shipped, 0 cancelled',
      ],
    });
  });

  it('of two tenants are counted separately', () => {
    const facts = factsOfTwo({ orders: [order('1')] }, { customers: [customer('c1', 1, 1, 0)] });

    expect(checkCustomers(facts)).toMatchObject({
      holds: false,
      detail: [
        'c1 of a has 1 placed, 1 shipped, 0 cancelled; counted are 0 placed, 0 shipped, 0 cancelled',
        'c1 of b has 0 placed, 0 shipped, 0 cancelled; counted are 1 placed, 1 shipped, 0 cancelled',
      ],
    });
  });
});
