import { describe, expect, it } from 'vitest';
import { createOrderTally } from '../../../local/orders/order-tally.ts';
import type { ShopCommand } from '../../../local/orders/shop-command.ts';

const total = { currency: 'GBP', minorUnits: 1 };
const place = (orderId: string, tenantId?: string): ShopCommand => ({
  kind: 'place',
  tenantId,
  order: { orderId, customerId: 'c', lines: [], total },
});
const cancel = (orderId: string): ShopCommand => ({ kind: 'cancel', tenantId: undefined, orderId });

describe('createOrderTally', () => {
  it('counts answers and keeps each order once', () => {
    const tally = createOrderTally();

    tally.record({ command: place('1'), outcome: 'accepted' });
    tally.record({ command: place('1'), outcome: 'accepted' });
    tally.record({ command: place('2'), outcome: 'failed', reason: 'Error: down' });

    expect(tally.answers()).toBe(3);
    expect([...tally.sent]).toEqual(['1', '2']);
    expect([...tally.refusals]).toEqual([['2', 'Error: down']]);
  });

  it('drops a refusal if a later try places the order', () => {
    const tally = createOrderTally();

    tally.record({ command: place('2'), outcome: 'failed', reason: 'Error: down' });
    tally.record({ command: place('2'), outcome: 'accepted' });

    expect([...tally.refusals]).toEqual([]);
  });

  it('distinguishes the same order id of two tenants', () => {
    const tally = createOrderTally();

    tally.record({ command: place('1', 'tenant-1'), outcome: 'accepted' });
    tally.record({ command: place('1', 'tenant-2'), outcome: 'failed', reason: 'Error: down' });

    expect([...tally.sent]).toEqual(['tenant-1#1', 'tenant-2#1']);
    expect([...tally.refusals]).toEqual([['tenant-2#1', 'Error: down']]);
  });

  it('keeps cancellations apart from orders', () => {
    const tally = createOrderTally();

    tally.record({ command: place('1'), outcome: 'accepted' });
    tally.record({ command: cancel('1'), outcome: 'accepted' });
    tally.record({ command: cancel('2'), outcome: 'failed', reason: 'Error: unknown' });

    expect({ answers: tally.answers(), cancellations: tally.cancellations() }).toEqual({
      answers: 1,
      cancellations: 1,
    });
    expect([...tally.refusals]).toEqual([]);
    expect([...tally.refusedCancellations]).toEqual([['2', 'Error: unknown']]);
  });
});
