import type { EngineClock } from '../clock.ts';
import type { OrderCommand } from './order-command.ts';
import type { Placement, PlaceOneOrder } from './place-order-client.ts';

export interface PlaceOrdersOptions {
  readonly orders: AsyncIterable<OrderCommand>;
  readonly place: PlaceOneOrder;
  readonly clock: EngineClock;
  /** Undefined is as fast as it goes. */
  readonly ordersPerSecond: number | undefined;
  readonly signal: AbortSignal;
  readonly onPlacement: (placement: Placement) => void;
}

/** Enough to keep the function's environments at work; more would only wait for them. */
const AT_A_TIME = 4;

/**
 * Places the orders one after another, a few at a time; with a rate the n-th begins n / rate seconds after the first.
 * @throws the signal's reason, or what `place` rejects with, after what is under way has ended
 */
export async function placeOrders(options: PlaceOrdersOptions): Promise<void> {
  const { orders, place, clock, ordersPerSecond, signal, onPlacement } = options;
  const startedAt = clock.now();
  const source = orders[Symbol.asyncIterator]();
  let begun = 0;
  let isOver = false;

  /** Sources and turns are taken by one worker at a time, so that orders begin in their order. */
  let turn: Promise<unknown> = Promise.resolve();
  const next = (): Promise<OrderCommand | undefined> => {
    const taken = turn.then(async () => {
      if (isOver) return undefined;
      const { value, done } = await source.next();
      if (done === true) {
        isOver = true;
        return undefined;
      }
      if (ordersPerSecond !== undefined) {
        await waitUntil(clock, startedAt + (begun / ordersPerSecond) * 1000, signal);
      }
      begun++;
      return value;
    });
    turn = taken.catch(() => undefined);
    return taken;
  };

  const work = async () => {
    try {
      for (let order = await next(); order !== undefined; order = await next()) {
        signal.throwIfAborted();
        onPlacement(await place(order, signal));
      }
    } catch (error) {
      isOver = true;
      throw error;
    }
  };

  try {
    const ended = await Promise.allSettled(Array.from({ length: AT_A_TIME }, work));
    for (const result of ended) if (result.status === 'rejected') throw result.reason;
  } finally {
    await source.return?.();
  }
}

function waitUntil(clock: EngineClock, dueAt: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const delayMs = dueAt - clock.now();
  if (delayMs <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const abort = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.schedule(delayMs, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}
