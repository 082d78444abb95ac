import { describe, expect, it } from 'vitest';
import { checkOrders } from '../../../local/invariants/orders.ts';

describe('orders at the end', () => {
  it('are shipped, or cancelled for a reason', () => {
    const states = new Map([
      ['1', { state: 'shipped', totalMinorUnits: 1 }],
      ['2', { state: 'cancelledByStock', totalMinorUnits: 1 }],
    ]);

    expect(checkOrders(states)).toMatchObject({ holds: true, detail: ['1 shipped, 1 cancelled by stock'] });
  });

  it('are reported if they are neither shipped nor cancelled for a reason', () => {
    const states = new Map([
      ['1', { state: 'cancelling', totalMinorUnits: 1 }],
      ['tenant-2#1', { state: 'cancelled', totalMinorUnits: 1 }],
    ]);

    expect(checkOrders(states)).toMatchObject({
      holds: false,
      detail: ['order 1 is cancelling', 'order 1 of tenant-2 is cancelled'],
    });
  });
});
