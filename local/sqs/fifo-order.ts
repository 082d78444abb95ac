import type { DeliveryOrder, Ordered } from './delivery-order.ts';
import { createLinkedSet, type LinkedSet } from './linked-set.ts';

interface Group<T> {
  readonly id: string;
  /** In the order in which they were sent. */
  readonly visible: LinkedSet<T>;
  inFlight: number;
}

/**
 * First in, first out per message group. A receive takes as many messages of one group as it can, then goes on to the
 * next group; no message of a group is handed out while another one of it is in flight.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
export function createFifoOrder<T extends Ordered>(): DeliveryOrder<T> {
  const groups = new Map<string, Group<T>>();
  /** Groups with something to hand out, in the order in which they became so: no group starves another. */
  const ready = createLinkedSet<Group<T>>();
  const readyIds = new Set<string>();

  const groupOf = (message: T): Group<T> => {
    const id = message.groupId ?? '';
    const known = groups.get(id);
    if (known !== undefined) return known;
    const group: Group<T> = { id, visible: createLinkedSet(), inFlight: 0 };
    groups.set(id, group);
    return group;
  };

  const settle = (group: Group<T>) => {
    const isReady = group.inFlight === 0 && group.visible.size > 0;
    if (isReady && !readyIds.has(group.id)) {
      ready.append(group);
      readyIds.add(group.id);
    }
    if (!isReady && readyIds.delete(group.id)) ready.remove(group);
    if (group.inFlight === 0 && group.visible.size === 0) groups.delete(group.id);
  };

  return {
    offer(message) {
      const group = groupOf(message);
      const last = group.visible.last();
      if (last === undefined || last.order < message.order) group.visible.append(message);
      // one that returns has at most its fellows of the same receive before it
      else group.visible.insertFromFront(message, (other) => other.order < message.order);
      settle(group);
    },
    withdraw(message) {
      const group = groupOf(message);
      group.visible.remove(message);
      settle(group);
    },
    take(max, isSpent) {
      const messages: T[] = [];
      const spent: T[] = [];
      for (let group = ready.first(); group !== undefined && messages.length < max; group = ready.first()) {
        for (let next = group.visible.first(); next !== undefined && messages.length < max; ) {
          group.visible.remove(next);
          if (isSpent(next)) {
            spent.push(next);
          } else {
            messages.push(next);
            group.inFlight += 1;
          }
          next = group.visible.first();
        }
        settle(group);
      }
      return { messages, spent };
    },
    release(message) {
      const group = groupOf(message);
      group.inFlight -= 1;
      settle(group);
    },
    isBlocked: (message) => groupOf(message).inFlight > 0,
  };
}
