import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import type { OrderCommand } from '../../../local/orders/order-command.ts';
import type { PlaceOneOrder } from '../../../local/orders/place-order-client.ts';
import { type PlaceOrdersOptions, placeOrders } from '../../../local/orders/place-orders.ts';

async function* ordersOf(count: number): AsyncGenerator<OrderCommand> {
  for (let index = 1; index <= count; index++) {
    yield { orderId: String(index), customerId: 'c', lines: [], total: { currency: 'GBP', minorUnits: 1 } };
  }
}

const start = (count: number, more: Partial<PlaceOrdersOptions> = {}) => {
  const clock = createMovableClock(() => 0);
  const answered: string[] = [];
  const done = placeOrders({
    orders: ordersOf(count),
    place: async ({ orderId }) => ({ orderId, outcome: 'placed' }),
    clock,
    ordersPerSecond: undefined,
    signal: new AbortController().signal,
    onPlacement: ({ orderId }) => answered.push(orderId),
    ...more,
  });
  done.catch(() => {});
  return { clock, answered, done };
};

/** Places orders that are answered only when the test says so. */
const createSlowPlace = () => {
  const begun: string[] = [];
  const answers: (() => void)[] = [];
  const place: PlaceOneOrder = ({ orderId }) => {
    begun.push(orderId);
    return new Promise((resolve) => answers.push(() => resolve({ orderId, outcome: 'placed' })));
  };
  return { begun, answers, place };
};

describe('placeOrders', () => {
  it('places every order, in order', async () => {
    const { answered, done } = start(6);

    await done;

    expect(answered).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('has four orders under way at a time', async () => {
    const { begun, answers, place } = createSlowPlace();
    start(10, { place });
    await setImmediate();
    expect(begun).toEqual(['1', '2', '3', '4']);

    answers[1]?.();
    await setImmediate();

    expect(begun).toEqual(['1', '2', '3', '4', '5']);
  });

  it('begins orders at the rate asked for', async () => {
    const { clock, answered, done } = start(4, { ordersPerSecond: 2 });
    await setImmediate();
    expect(answered).toEqual(['1']);

    clock.advance(499);
    await setImmediate();
    expect(answered).toEqual(['1']);

    clock.advance(1);
    await setImmediate();
    expect(answered).toEqual(['1', '2']);

    clock.advance(1000);
    await done;
    expect(answered).toEqual(['1', '2', '3', '4']);
  });

  it("stops waiting for its turn, with the signal's reason, when interrupted", async () => {
    const controller = new AbortController();
    const { answered, done } = start(4, { ordersPerSecond: 1, signal: controller.signal });
    await setImmediate();

    controller.abort(new Error('enough'));

    await expect(done).rejects.toThrow('enough');
    expect(answered).toEqual(['1']);
  });

  it('places no further order once one rejects, and lets those under way end', async () => {
    const { begun, answers, place } = createSlowPlace();
    const failing: PlaceOneOrder = (order, signal) =>
      order.orderId === '2' ? Promise.reject(new Error('no connection')) : place(order, signal);
    const { answered, done } = start(10, { place: failing });
    await setImmediate();
    for (const answer of answers.splice(0)) answer();

    await expect(done).rejects.toThrow('no connection');
    expect(begun).toEqual(['1', '3']);
    expect(answered).toEqual(['1', '3']);
  });

  it('ends the source of the orders, however it ends', async () => {
    let isEnded = false;
    async function* watched() {
      try {
        yield* ordersOf(10);
      } finally {
        isEnded = true;
      }
    }
    const { done } = start(0, { orders: watched(), place: () => Promise.reject(new Error('no connection')) });

    await expect(done).rejects.toThrow('no connection');
    expect(isEnded).toBe(true);
  });
});
