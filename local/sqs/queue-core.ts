import { addMs, type EpochMs } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import type { DeliveryOrder, Taken } from './delivery-order.ts';
import { createDueTimes } from './due-times.ts';
import { createLinkedSet } from './linked-set.ts';
import type { MessageState, QueuedMessage } from './queued-message.ts';

const VISIBLE: MessageState = { kind: 'visible' };
const DELAYED: MessageState = { kind: 'delayed' };

export interface QueueCoreOptions {
  readonly clock: EngineClock;
  readonly order: DeliveryOrder<QueuedMessage>;
  readonly retentionMs: () => number;
  /** Nothing more is handed out beyond it. */
  readonly mostInFlight: number;
}

/** The messages of one queue and their states over time. Every call first lets happen what has fallen due. */
export interface QueueCore {
  /** @param message its `state` is set here. */
  add(message: QueuedMessage): void;
  receive(max: number, visibilityMs: number, isSpent: (message: QueuedMessage) => boolean): Taken<QueuedMessage>;
  find(messageId: string): QueuedMessage | undefined;
  /** Hides a message in flight for `visibilityMs` from now on; 0 shows it at once. */
  changeVisibility(message: QueuedMessage, visibilityMs: number): void;
  remove(message: QueuedMessage): void;
  /** A FIFO queue's delay holds for the messages that it has already, too. */
  changeDelays(delayMs: number): void;
  /** Messages that could be received now, the oldest first. The one just given may be removed while iterating. */
  available(): Iterable<QueuedMessage>;
  /** All messages, the oldest first. */
  all(): Iterable<QueuedMessage>;
  counts(): { readonly visible: number; readonly inFlight: number; readonly delayed: number };
  oldestSentAt(): EpochMs | undefined;
  /** The next time at which a hidden message becomes visible by itself. */
  nextVisibleAt(): number | undefined;
}

export function createQueueCore({ clock, order, retentionMs, mostInFlight }: QueueCoreOptions): QueueCore {
  const byId = new Map<string, QueuedMessage>();
  const byAge = createLinkedSet<QueuedMessage>();
  const delayed = createDueTimes<QueuedMessage>();
  const inFlight = createDueTimes<QueuedMessage>();

  const show = (message: QueuedMessage) => {
    message.state = VISIBLE;
    order.offer(message);
  };

  const forget = (message: QueuedMessage) => {
    byId.delete(message.messageId);
    byAge.remove(message);
  };

  const remove = (message: QueuedMessage) => {
    if (byId.get(message.messageId) !== message) return;
    forget(message);
    switch (message.state.kind) {
      case 'visible':
        return order.withdraw(message);
      case 'delayed':
        return delayed.clear(message);
      case 'inFlight':
        inFlight.clear(message);
        return order.release(message);
    }
  };

  const settle = () => {
    const now = clock.now();
    for (let due = delayed.takeDue(now); due !== undefined; due = delayed.takeDue(now)) show(due);
    for (let due = inFlight.takeDue(now); due !== undefined; due = inFlight.takeDue(now)) {
      order.release(due);
      show(due);
    }
    const sentAfter = now - retentionMs();
    for (let oldest = byAge.first(); oldest !== undefined && oldest.sentAt <= sentAfter; oldest = byAge.first()) {
      remove(oldest);
    }
    return now;
  };

  return {
    add(message) {
      const now = settle();
      byId.set(message.messageId, message);
      byAge.insertFromBack(message, (other) => other.sentAt > message.sentAt);
      if (message.delayMs === 0) return show(message);
      message.state = DELAYED;
      delayed.set(message, now + message.delayMs);
    },
    receive(max, visibilityMs, isSpent) {
      const now = settle();
      const until = addMs(now, visibilityMs);
      const taken = order.take(Math.min(max, mostInFlight - inFlight.size), isSpent);
      for (const message of taken.messages) {
        message.receiveCount += 1;
        message.firstReceivedAt ??= now;
        message.state = { kind: 'inFlight', receivedAt: now, until };
        inFlight.set(message, until);
      }
      for (const message of taken.spent) forget(message);
      return taken;
    },
    find(messageId) {
      settle();
      return byId.get(messageId);
    },
    changeVisibility(message, visibilityMs) {
      if (message.state.kind !== 'inFlight') return;
      const until = addMs(clock.now(), visibilityMs);
      message.state = { ...message.state, until };
      inFlight.set(message, until);
      settle();
    },
    remove,
    changeDelays(delayMs) {
      for (const message of byAge.values()) {
        if (message.state.kind === 'delayed') delayed.set(message, message.sentAt + delayMs);
      }
    },
    *available() {
      settle();
      for (const message of byAge.values()) {
        if (message.state.kind === 'visible' && !order.isBlocked(message)) yield message;
      }
    },
    all() {
      settle();
      return byAge.values();
    },
    counts() {
      settle();
      return {
        visible: byAge.size - inFlight.size - delayed.size,
        inFlight: inFlight.size,
        delayed: delayed.size,
      };
    },
    oldestSentAt() {
      settle();
      return byAge.first()?.sentAt;
    },
    nextVisibleAt() {
      const times = [delayed.next(), inFlight.next()].filter((time) => time !== undefined);
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
}
