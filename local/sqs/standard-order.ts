import type { DeliveryOrder, Ordered } from './delivery-order.ts';
import { createLinkedSet, type LinkedSet } from './linked-set.ts';

/**
 * A standard queue's order: roughly as sent, and fair between message groups, which take turns, so that a busy tenant
 * does not keep the others waiting. Messages without a group are one tenant.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
export function createStandardOrder<T extends Ordered>(): DeliveryOrder<T> {
  const lanes = new Map<string, LinkedSet<T>>();
  const turns = createLinkedSet<string>();

  const laneOf = (message: T) => message.groupId ?? '';
  const dropIfEmpty = (id: string, lane: LinkedSet<T>) => {
    if (lane.size > 0) return;
    lanes.delete(id);
    turns.remove(id);
  };

  return {
    offer(message) {
      const id = laneOf(message);
      let lane = lanes.get(id);
      if (lane === undefined) {
        lane = createLinkedSet();
        lanes.set(id, lane);
        turns.append(id);
      }
      lane.append(message);
    },
    withdraw(message) {
      const id = laneOf(message);
      const lane = lanes.get(id);
      if (lane === undefined) return;
      lane.remove(message);
      dropIfEmpty(id, lane);
    },
    take(max, isSpent) {
      const messages: T[] = [];
      const spent: T[] = [];
      for (let id = turns.first(); id !== undefined && messages.length < max; id = turns.first()) {
        const lane = lanes.get(id);
        const next = lane?.first();
        if (lane === undefined || next === undefined) break;
        lane.remove(next);
        (isSpent(next) ? spent : messages).push(next);
        turns.remove(id);
        turns.append(id);
        dropIfEmpty(id, lane);
      }
      return { messages, spent };
    },
    release: () => {},
    isBlocked: () => false,
  };
}
