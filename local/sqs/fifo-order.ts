import type { DeliveryOrder, Ordered } from './delivery-order.ts';
import { createLinkedSet, type LinkedSet } from './linked-set.ts';

interface Group<T> {
  readonly id: string;
  /** In the order in which they were sent. */
  readonly visible: LinkedSet<T>;
  /** In the same order; no more than one receive hands out, since what follows waits. */
  readonly inFlight: T[];
}

/**
 * What of a group waits while one of its messages is in flight. `behind`: what was sent after that message, as recorded
 * on AWS: one that is shown again is delivered although a later one of its group is in flight. `group`: everything, as
 * the developer guide says.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
export type GroupLock = 'behind' | 'group';

/**
 * First in, first out per message group. A receive takes as many messages of one group as it can, then goes on to the
 * next group.
 */
export function createFifoOrder<T extends Ordered>(lock: GroupLock = 'behind'): DeliveryOrder<T> {
  const groups = new Map<string, Group<T>>();
  /** Groups with something to hand out, in the order in which they became so: no group starves another. */
  const ready = createLinkedSet<Group<T>>();
  const readyIds = new Set<string>();

  const groupOf = (message: T): Group<T> => {
    const id = message.groupId ?? '';
    const known = groups.get(id);
    if (known !== undefined) return known;
    const group: Group<T> = { id, visible: createLinkedSet(), inFlight: [] };
    groups.set(id, group);
    return group;
  };

  const mayGo = (message: T, { inFlight }: Group<T>): boolean => {
    const [first] = inFlight;
    return first === undefined || (lock === 'behind' && message.order < first.order);
  };

  const settle = (group: Group<T>) => {
    const next = group.visible.first();
    const isReady = next !== undefined && mayGo(next, group);
    if (isReady && !readyIds.has(group.id)) {
      ready.append(group);
      readyIds.add(group.id);
    }
    if (!isReady && readyIds.delete(group.id)) ready.remove(group);
    if (group.inFlight.length === 0 && next === undefined) groups.delete(group.id);
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
        const taken: T[] = [];
        for (
          let next = group.visible.first();
          next !== undefined && mayGo(next, group) && messages.length + taken.length < max;
          next = group.visible.first()
        ) {
          group.visible.remove(next);
          (isSpent(next) ? spent : taken).push(next);
        }
        // only now, since those of one receive do not wait for each other; all were sent before what is in flight
        group.inFlight.unshift(...taken);
        messages.push(...taken);
        settle(group);
      }
      return { messages, spent };
    },
    release(message) {
      const group = groupOf(message);
      const at = group.inFlight.indexOf(message);
      if (at !== -1) group.inFlight.splice(at, 1);
      settle(group);
    },
    isBlocked: (message) => !mayGo(message, groupOf(message)),
  };
}
