import type { Bell, CursorStore, EventLog } from '../../../lib/ordering/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import type { Execution } from '../execution.ts';
import type { FifoQueue } from '../services/fifo-queue.ts';

/** The ports of lib/ordering as an execution reaches them. */
export const reachCursors = (cursors: CursorStore, execution: Execution): CursorStore => ({
  read: (groups) => execution.call('read cursors', () => cursors.read(groups)),
  save: (group, current, next) =>
    execution.call(`save cursor ${group} ${next.processed}/${next.seen}`, () => cursors.save(group, current, next)),
  change: (group, current, next) => cursors.change(group, current, next),
});

export const reachLog = (log: EventLog, execution: Execution): EventLog => ({
  read: (group, after, upTo) =>
    execution.call('read log', () => log.read(group, after, upTo), {
      'log misses': async () => withoutOne(await log.read(group, after, upTo)),
    }),
  places: (group, from, upTo, limit) =>
    execution.call('find places', () => log.places(group, from, upTo, limit), {
      'log misses': async () => withoutOne(await log.places(group, from, upTo, limit + 1)).slice(0, limit),
    }),
  end: (group) => execution.call('read head', () => log.end(group)),
});

/** Misses the last but one: of a transaction, a later event is shown. */
const withoutOne = <Value>(values: readonly Value[]): readonly Value[] =>
  values.length < 2 ? values : [...values.slice(0, -2), ...values.slice(-1)];

export function reachBell(queue: FifoQueue, createdAt: EpochMs, execution: Execution): Bell {
  let rings = 0;
  return {
    ring(group, body) {
      rings += 1;
      const deduplicationId = `${execution.name} ring ${rings}`;
      return execution.call(`ring ${group}`, () => queue.send(group, body, deduplicationId));
    },
    hide: (receiptHandle, delaySeconds) =>
      execution.call(`hide ${receiptHandle} for ${delaySeconds} s`, () => queue.hide(receiptHandle, delaySeconds)),
    acknowledge: (receiptHandles) =>
      execution
        .call(`acknowledge ${receiptHandles.join(' ')}`, () => {
          for (const receipt of receiptHandles) queue.delete(receipt);
        })
        .catch(() => undefined),
    createdAt: () => execution.call('queue attributes', () => createdAt),
  };
}
