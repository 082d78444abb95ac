/** What the order of delivery goes by. */
export interface Ordered {
  readonly groupId: string | undefined;
  /** Rises with every message that enters a queue. */
  readonly order: number;
}

/** Decides which visible message is received next. Knows no time: the queue's core tells it what happened. */
export interface DeliveryOrder<T extends Ordered> {
  /** A message became visible, for the first time or again. */
  offer(message: T): void;
  /** A visible message went without having been received. */
  withdraw(message: T): void;
  /**
   * Hands out up to `max` messages, which are in flight from then on.
   * @param isSpent a message that has used up its receives is handed out as `spent` instead, beyond `max`; it is gone
   *   from the order and blocks nothing.
   */
  take(max: number, isSpent: (message: T) => boolean): Taken<T>;
  /** A message is in flight no more: it was deleted, or is about to be offered again. */
  release(message: T): void;
  /** True when a visible message may not be received yet. */
  isBlocked(message: T): boolean;
}

export interface Taken<T> {
  readonly messages: readonly T[];
  readonly spent: readonly T[];
}
