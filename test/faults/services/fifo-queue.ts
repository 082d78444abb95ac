import type { Simulation } from '../simulation.ts';

interface DeadLetter {
  readonly id: string;
  readonly group: string;
  readonly body: string;
}

export interface Received extends DeadLetter {
  readonly receipt: string;
  readonly receiveCount: number;
}

/** A FIFO queue with its dead-letter queue, by the rules of SQS. */
export interface FifoQueue {
  /** Dropped when the deduplication id came within five minutes. */
  send(group: string, body: string, deduplicationId: string): void;
  /** The oldest first; what waits for a message of its group in flight is passed by. */
  receive(max: number): readonly Received[];
  /** The messages of a receive once more, for a receive with the same attempt id whose answer was lost. */
  receiveAgain(batch: readonly Received[]): readonly Received[];
  /** Whether retention may take the oldest message: nobody has it. */
  canExpire(): boolean;
  /** Retention takes the oldest message. */
  expire(): void;
  /** @returns false when the receipt is no longer good: the message stays */
  delete(receipt: string): boolean;
  hide(receipt: string, delaySeconds: number): 'hidden' | 'gone';
  /** Everything in the queue, in flight or not. */
  messages(): readonly DeadLetter[];
  deadLetters(): readonly DeadLetter[];
  /** Takes messages out of the dead-letter queue. @param which all where it is left out */
  takeDeadLetters(which?: (letter: DeadLetter) => boolean): readonly DeadLetter[];
}

export interface FifoQueueOptions {
  readonly sim: Simulation;
  readonly maxReceiveCount: number;
  readonly visibilityTimeoutMs: number;
  /** `behind`: what was sent after a message in flight waits, as recorded on AWS; `group`: all, as the guide says. */
  readonly groupLock: 'behind' | 'group';
  /** Hears that something may be there to be received. */
  readonly onAvailable: () => void;
  readonly onDeadLetter: (letter: DeadLetter) => void;
  /** Whether somebody finds out that a message has gone by retention. */
  readonly mayExpire: (message: DeadLetter) => boolean;
  readonly onExpired: (message: DeadLetter) => void;
}

const DEDUPLICATION_MS = 5 * 60_000;

interface Queued extends DeadLetter {
  receiveCount: number;
  visibleAt: number;
  receipt: string | undefined;
  readonly deduplicationId: string;
}

export function createFifoQueue(options: FifoQueueOptions): FifoQueue {
  const { sim, maxReceiveCount, visibilityTimeoutMs, groupLock, onAvailable, onDeadLetter, mayExpire, onExpired } =
    options;
  let queued: Queued[] = [];
  let letters: DeadLetter[] = [];
  const rememberedUntil = new Map<string, number>();
  let count = 0;

  const isInFlight = (message: Queued) => message.receipt !== undefined && message.visibleAt > sim.now();
  const inFlight = (receipt: string) => queued.find((message) => message.receipt === receipt && isInFlight(message));
  const remove = (gone: Queued) => {
    queued = queued.filter((message) => message !== gone);
  };
  const hideFor = (message: Queued, delayMs: number) => {
    message.visibleAt = sim.now() + delayMs;
    sim.after(delayMs, onAvailable);
  };

  return {
    send(group, body, deduplicationId) {
      if ((rememberedUntil.get(deduplicationId) ?? 0) > sim.now()) return;
      rememberedUntil.set(deduplicationId, sim.now() + DEDUPLICATION_MS);
      count += 1;
      const id = `message-${count}`;
      queued.push({ id, group, body, receiveCount: 0, visibleAt: 0, receipt: undefined, deduplicationId });
      onAvailable();
    },

    receive(max) {
      const before = queued.filter(isInFlight);
      const locked = new Set(groupLock === 'group' ? before.map(({ group }) => group) : []);
      const received: Received[] = [];
      for (const message of queued) {
        if (received.length === max) break;
        if (before.includes(message)) locked.add(message.group);
        if (locked.has(message.group)) continue;
        if (message.receiveCount >= maxReceiveCount) {
          remove(message);
          letters.push(message);
          onDeadLetter(message);
          continue;
        }
        count += 1;
        const receipt = `receipt-${count}`;
        message.receiveCount += 1;
        message.receipt = receipt;
        hideFor(message, visibilityTimeoutMs);
        const { id, group, body, receiveCount } = message;
        received.push({ id, group, body, receiveCount, receipt });
      }
      return received;
    },

    receiveAgain(batch) {
      return batch.flatMap((each): readonly Received[] => {
        const message = inFlight(each.receipt);
        if (message === undefined) return [];
        message.receiveCount += 1;
        hideFor(message, visibilityTimeoutMs);
        return [{ ...each, receiveCount: message.receiveCount }];
      });
    },

    canExpire: () => queued[0] !== undefined && !isInFlight(queued[0]) && mayExpire(queued[0]),
    expire() {
      const [oldest] = queued;
      if (oldest === undefined) return;
      remove(oldest);
      // retention is longer than the five minutes of deduplication
      rememberedUntil.delete(oldest.deduplicationId);
      onExpired(oldest);
    },

    delete(receipt) {
      const message = inFlight(receipt);
      if (message === undefined) return false;
      remove(message);
      onAvailable();
      return true;
    },

    hide(receipt, delaySeconds) {
      const message = inFlight(receipt);
      if (message === undefined) return 'gone';
      hideFor(message, delaySeconds * 1000);
      return 'hidden';
    },

    messages: () => queued,
    deadLetters: () => letters,
    takeDeadLetters(which = () => true) {
      const taken = letters.filter(which);
      letters = letters.filter((letter) => !taken.includes(letter));
      return taken;
    },
  };
}
