import { describe, expect, it } from 'vitest';
import { createOrderTally } from '../../../local/orders/order-tally.ts';

describe('createOrderTally', () => {
  it('counts answers and keeps each order id once', () => {
    const tally = createOrderTally();

    tally.record({ orderId: '1', outcome: 'placed' });
    tally.record({ orderId: '1', outcome: 'already-placed' });
    tally.record({ orderId: '2', outcome: 'failed', reason: 'Error: down' });

    expect(tally.answers()).toBe(3);
    expect([...tally.sent]).toEqual(['1', '2']);
    expect([...tally.refusals]).toEqual([['2', 'Error: down']]);
  });

  it('forgets a refusal when a later try places the order', () => {
    const tally = createOrderTally();

    tally.record({ orderId: '2', outcome: 'failed', reason: 'Error: down' });
    tally.record({ orderId: '2', outcome: 'placed' });

    expect([...tally.refusals]).toEqual([]);
  });
});
