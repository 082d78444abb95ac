import type { DeliveryOrder, Ordered } from './delivery-order.ts';
import { createLinkedSet } from './linked-set.ts';

/**
 * A FIFO queue looks through its first `most` messages only, those in flight among them: a group whose messages all lie
 * behind them is not found, however free it is.
 */
export function withLookAhead<T extends Ordered>(order: DeliveryOrder<T>, most: number): DeliveryOrder<T> {
  const beyond = createLinkedSet<T>();
  let within = 0;

  /** What comes back from flight keeps its place: it was within before, and was just counted out. */
  const isWithin = (message: T) => {
    const next = beyond.first();
    return within < most && (next === undefined || message.order < next.order);
  };

  const moveUp = () => {
    for (let next = beyond.first(); next !== undefined && within < most; next = beyond.first()) {
      beyond.remove(next);
      within += 1;
      order.offer(next);
    }
  };

  return {
    offer(message) {
      if (!isWithin(message)) return beyond.append(message);
      within += 1;
      order.offer(message);
    },
    withdraw(message) {
      if (beyond.remove(message)) return;
      within -= 1;
      order.withdraw(message);
    },
    take(max, isSpent) {
      moveUp();
      const taken = order.take(max, isSpent);
      within -= taken.spent.length;
      return taken;
    },
    release(message) {
      within -= 1;
      order.release(message);
    },
    isBlocked: (message) => order.isBlocked(message),
  };
}
