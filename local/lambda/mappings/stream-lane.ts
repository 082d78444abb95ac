import type { EngineClock } from '../../clock.ts';
import { MAX_BATCH_BYTES } from './mapping-runner.ts';
import type { Pauses } from './pauses.ts';
import type { DeliverBatch } from './stream-delivery.ts';
import type { StreamEntry } from './stream-entry.ts';

export interface LaneOptions {
  readonly clock: EngineClock;
  readonly pauses: Pauses;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly deliver: DeliverBatch;
  readonly isStopped: () => boolean;
  /** Called when records have left the lane. */
  readonly onDrained: () => void;
}

/** Records that must reach the function one batch after another. */
export interface StreamLane {
  add(entry: StreamEntry): void;
  /** Goes on after a stop. */
  resume(): void;
  /** Settles when the lane, told to stop, does nothing more. */
  stopped(): Promise<void>;
  /** Records that are not settled. */
  size(): number;
  /** Sequence number of the oldest record that waits. */
  first(): string | undefined;
}

export function createStreamLane(options: LaneOptions): StreamLane {
  const { clock, pauses, batchSize, windowMs, deliver, isStopped, onDrained } = options;
  let queue: StreamEntry[] = [];
  let underWay = 0;
  let working: Promise<void> | undefined;
  /** Ends the wait for a fuller batch. */
  let endWindow: (() => void) | undefined;

  const work = () => {
    working ??= deliverAll();
  };

  const deliverAll = async () => {
    // records of one read arrive together
    await Promise.resolve();
    while (queue.length > 0 && !isStopped()) {
      await fill();
      const count = countForBatch(queue, batchSize);
      const batch = queue.slice(0, count);
      queue = queue.slice(count);
      underWay = count;
      const left = await deliver(batch);
      underWay = 0;
      queue = [...left, ...queue];
      onDrained();
    }
    working = undefined;
  };

  const fill = async () => {
    const windowEndsAt = clock.now() + windowMs;
    while (queue.length < batchSize && clock.now() < windowEndsAt && !isStopped()) {
      const full = new Promise<void>((resolve) => {
        endWindow = resolve;
      });
      await Promise.race([pauses.wait(windowEndsAt - clock.now()), full]);
    }
    endWindow = undefined;
  };

  return {
    add(entry) {
      queue.push(entry);
      if (queue.length >= batchSize) endWindow?.();
      work();
    },
    resume: work,
    stopped: async () => working,
    size: () => queue.length + underWay,
    first: () => queue[0]?.sequenceNumber,
  };
}

/** As many records as fit the batch size and an invocation's payload; one at least. */
function countForBatch(queue: readonly StreamEntry[], batchSize: number): number {
  let bytes = 0;
  let count = 0;
  for (const entry of queue) {
    // the comma between two records
    bytes += entry.bytes + 1;
    if (count === batchSize || (count > 0 && bytes > MAX_BATCH_BYTES - 1024)) break;
    count++;
  }
  return count;
}
