import { METRIC } from '../contracts/index.ts';
import type { Attempt, Cursor, LaneMessage, Suspicion } from '../ordering/index.ts';
import { giveBackUntried } from './give-back-untried.ts';
import type { ReceivedMessage } from './received-message.ts';
import { settleAlone } from './settle-alone.ts';
import type { Lane } from './settle-lanes.ts';
import type { StrictOrdering, Workbench } from './workbench.ts';

/**
 * A group's messages, handled in sequence order.
 * @param known the group's cursor, where there is one
 */
export function laneInOrder(
  group: string,
  messages: readonly (ReceivedMessage & LaneMessage)[],
  known: Cursor | undefined,
  strict: StrictOrdering,
  bench: Workbench,
): Lane {
  const lane = openLane(group, known, messages, strict, bench);
  return {
    messages,
    suspicion: worstOf(messages.map(lane.suspicion)),
    async settle() {
      const returned: ReceivedMessage[] = [];
      const done: string[] = [];
      for (const [index, message] of messages.entries()) {
        if (done.length > 0 && lane.suspicion(message) !== 'none') await bench.bell.acknowledge(done.splice(0));
        if (bench.isOver()) return [...returned, ...(await giveBackUntried(messages.slice(index), bench))];
        const behind = messages.slice(index + 1);
        const settlement = await lane.settle(message, behind);
        if (settlement === 'acknowledge') done.push(message.receiptHandle);
        if (settlement === 'return') returned.push(message);
        if (settlement === 'blocked') {
          const untried = await giveBackUntried([message, ...behind], bench);
          // the lane has said how long the message waits; the others were sent after it, so the queue keeps them until then
          const followers = untried.filter((one) => one !== message);
          await Promise.all(followers.map(({ receiptHandle }) => bench.bell.hide(receiptHandle, 0)));
          return [...returned, ...untried];
        }
      }
      return returned;
    },
  };
}

const worstOf = (all: readonly Suspicion[]): Suspicion =>
  all.find((one) => one === 'often') ?? all.find((one) => one === 'once') ?? 'none';

/** What fails with these has no part in the order of its group when its message comes: see `ReceivedMessage.event`. */
const UNREADABLE = new Set(['EVENT_MALFORMED', 'TENANT_MISSING']);

function openLane(
  group: string,
  known: Cursor | undefined,
  messages: readonly (ReceivedMessage & LaneMessage)[],
  strict: StrictOrdering,
  bench: Workbench,
) {
  const { failures, count } = bench;
  // of the failure that the observer hears of next: a cursor is too small a place for it
  let stackHead = '';

  return strict.createLane(group, known, {
    cursors: strict.cursors,
    log: strict.log,
    sleep: strict.sleep,
    startInstant: strict.startInstant,
    history: strict.history,
    bell: bench.bell,
    clock: bench.clock,
    limits: bench.limits,
    visibilityTimeoutSeconds: bench.visibilityTimeoutSeconds,
    takes: bench.takes,
    subscribed: bench.subscription.events,
    timeIsShort: bench.timeIsShort,
    backoffSeconds: failures.backoffSeconds,
    attempt: async (body, move, generation): Promise<Attempt> => {
      const result = await bench.attempt(body, { guards: [move], generation });
      if (result.kind !== 'failed') return result;
      const { code, message, permanent, retryAfterSeconds, deferrable } = result.failure;
      stackHead = result.failure.stackHead;
      if (deferrable) count(METRIC.eventsDeferred);
      const isUnreadable = UNREADABLE.has(code);
      return { kind: 'failed', reason: { code, message }, permanent, retryAfterSeconds, deferrable, isUnreadable };
    },
    memory: strict.memory,
    settleAlone: async (message, why) => {
      const received = messages.find((each) => each.receiptHandle === message.receiptHandle);
      return received === undefined ? 'return' : settleAlone(received, why, bench);
    },
    observer: {
      duplicate: bench.skip,
      released: ({ sequence, type, source, since }) => {
        count(METRIC.groupsReleased);
        bench.logger.warn('the group no longer waits for an event of a type that this code does not take', {
          group,
          sequence,
          event_type: type,
          event_source: source,
          since,
        });
      },
      drained: () => count(METRIC.eventsDrained),
      behind: () => count(METRIC.messagesBehind),
      overtaken: () => count(METRIC.racesLost),
      steppedOver: (places, seen) => bench.tellSteppedOver(group, places, seen),
      missing: bench.tellMissing,
      renewed: ({ event }) => bench.renewal.tell(event),
      failed: async (body, { waitingFor }) => {
        if (waitingFor !== undefined) await failures.noteWaiting(body, waitingFor, stackHead);
      },
    },
  });
}
