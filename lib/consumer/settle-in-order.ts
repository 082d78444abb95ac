import { METRIC } from '../contracts/index.ts';
import { type Attempt, type Cursor, type LaneMessage, suspicion } from '../ordering/index.ts';
import type { ReceivedMessage } from './received-message.ts';
import type { Lane } from './settle-lanes.ts';
import type { StrictOrdering, Workbench } from './workbench.ts';

/**
 * Handles a group's messages in sequence order.
 * @param known the group's cursor, where there is one
 * @returns what goes back to the queue
 */
export async function settleInOrder(
  group: string,
  messages: readonly (ReceivedMessage & LaneMessage)[],
  known: Cursor | undefined,
  strict: StrictOrdering,
  bench: Workbench,
): Promise<readonly ReceivedMessage[]> {
  const lane = openLane(group, known, strict, bench);
  const returned: ReceivedMessage[] = [];
  const done: string[] = [];
  for (const [index, message] of messages.entries()) {
    if (done.length > 0 && suspicionOf([message], known) !== 'none') await bench.bell.acknowledge(done.splice(0));
    const settlement = bench.isOver() ? 'blocked' : await lane.settle(message, messages.slice(index + 1));
    if (settlement === 'return') returned.push(message);
    if (settlement === 'acknowledge') done.push(message.receiptHandle);
    if (settlement === 'blocked') {
      const behind = messages.slice(index + 1);
      await Promise.all(behind.map(({ receiptHandle }) => bench.bell.hide(receiptHandle, 0)));
      return [...returned, message, ...behind];
    }
  }
  return returned;
}

/** The worst that is thought of any of the group's messages. */
export function suspicionOf(messages: readonly LaneMessage[], cursor: Cursor | undefined): Lane['suspicion'] {
  const all = messages.map(({ event, receiveCount }) =>
    suspicion(cursor, { sequence: Number(event.sequence), receiveCount }),
  );
  return all.find((one) => one === 'often') ?? all.find((one) => one === 'once') ?? 'none';
}

function openLane(group: string, known: Cursor | undefined, strict: StrictOrdering, bench: Workbench) {
  const { failures, count } = bench;
  // of the failure that the observer hears of next: a cursor is too small a place for it
  let stackHead = '';

  return strict.createLane(group, known, {
    cursors: strict.cursors,
    log: strict.log,
    startInstant: strict.startInstant,
    bell: bench.bell,
    clock: bench.clock,
    limits: bench.limits,
    visibilityTimeoutSeconds: bench.visibilityTimeoutSeconds,
    takes: bench.takes,
    timeIsShort: bench.timeIsShort,
    backoffSeconds: failures.backoffSeconds,
    attempt: async (body, move, generation): Promise<Attempt> => {
      const result = await bench.attempt(body, { guards: [move], generation });
      if (result.kind !== 'failed') return result;
      const { code, message, permanent } = result.failure;
      stackHead = result.failure.stackHead;
      return { kind: 'failed', reason: { code, message }, permanent };
    },
    observer: {
      duplicate: bench.skip,
      drained: () => count(METRIC.eventsDrained),
      behind: () => count(METRIC.messagesBehind),
      overtaken: () => count(METRIC.racesLost),
      failed: async (body, { waitingFor }) => {
        if (waitingFor !== undefined) await failures.noteWaiting(body, waitingFor, stackHead);
      },
    },
  });
}
