import type { CancelTask, EngineClock } from '../clock.ts';
import type { SqsFaults } from './faults.ts';
import type { QueueCore } from './queue-core.ts';
import { newMessage, type QueuedMessage } from './queued-message.ts';

/** What faults do to one queue. */
export interface Disturbances {
  /** To be called with what a receive hands out. */
  received(messages: readonly QueuedMessage[]): void;
  /** To be called after each change of the queue. */
  changed(): void;
  /** As GetQueueAttributes shows them. */
  counts(): ReturnType<QueueCore['counts']>;
  /** What was to come again does not. */
  end(): void;
}

export interface DisturbancesOptions {
  readonly clock: EngineClock;
  readonly core: QueueCore;
  readonly faults: SqsFaults;
  readonly queueName: string;
  readonly isFifo: boolean;
  /** Something may have become available. */
  readonly onShown: () => void;
}

/** SQS says that its counts settle within a minute. */
const REMEMBERED_MS = 60_000;

export function createDisturbances(options: DisturbancesOptions): Disturbances {
  const { clock, core, faults, queueName, isFifo, onShown } = options;
  const timers = new Set<CancelTask>();
  const history: { readonly at: number; readonly counts: ReturnType<QueueCore['counts']> }[] = [];

  /** One of the servers that keep the message did not hear that it was received, or deleted. */
  const showAgain = (message: QueuedMessage) => {
    const present = core.find(message.messageId);
    if (present === undefined) core.add(newMessage(message, { ...message, delayMs: 0 }));
    else core.changeVisibility(present, 0);
    onShown();
  };

  return {
    received(messages) {
      for (const message of messages) {
        const { messageId, receiveCount } = message;
        const fault = faults.onReceive?.({ queueName, isFifo, messageId, receiveCount });
        if (fault?.visibleAfterMs !== undefined) core.changeVisibility(message, fault.visibleAfterMs);
        if (fault?.againAfterMs === undefined || isFifo) continue;
        const cancel = clock.schedule(fault.againAfterMs, () => {
          timers.delete(cancel);
          showAgain(message);
        });
        timers.add(cancel);
      }
    },
    changed() {
      if (faults.onCounts === undefined) return;
      const at = clock.now();
      history.push({ at, counts: core.counts() });
      // the last one before still tells how it was then
      while ((history[1]?.at ?? at) < at - REMEMBERED_MS) history.shift();
    },
    counts() {
      const ageMs = faults.onCounts?.(queueName);
      if (ageMs === undefined) return core.counts();
      const before = clock.now() - ageMs;
      return history.findLast(({ at }) => at <= before)?.counts ?? { visible: 0, inFlight: 0, delayed: 0 };
    },
    end() {
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
}
