import { processOutOfOrder } from './arrival-order.ts';
import type { Cursor } from './cursor.ts';
import { checkPastEvent, isOf } from './duplicate-check.ts';
import { drain, processEarlier } from './group-steps.ts';
import type { Delivery, GroupWork, Step } from './group-work.ts';
import { type GroupMessage, identityOf, sequenceOf } from './message.ts';
import { earlierAction, mayMiss } from './order-gate.ts';

/** How long a message is hidden that a paused group must keep. */
const PAUSED_SECONDS = 300;

/** The message is received again; if this was its last receive, a new one replaces it. */
export async function keepWhilePaused({ batch, group }: GroupWork, message: GroupMessage): Promise<'blocked'> {
  await batch.redelivery.postponeUntried(message, PAUSED_SECONDS, group);
  return 'blocked';
}

/**
 * Processes a message whose event is at or before the cursor: a duplicate, unless the cursor passed it without
 * handling.
 */
export async function processPast(work: GroupWork, from: Cursor, delivery: Delivery): Promise<Step> {
  const { batch, log, strict } = work;
  const { message } = delivery;
  delivery.isOwnDone = true;
  const past = work.handled.has(identityOf(message.event))
    ? ({ kind: 'handled' } as const)
    : await checkPastEvent(message.event, from, { ...strict, entryAt: log.at });
  switch (past.kind) {
    case 'handled':
    case 'unverified':
      batch.telemetry.duplicateSkipped(message.event, past.kind === 'unverified' ? past.why : undefined);
      delivery.outcome ??= 'delete';
      break;
    case 'misplaced':
      delivery.outcome = past;
      break;
    case 'unhandled': {
      if (from.paused !== undefined) return keepWhilePaused(work, message);
      // before the events after it: it is already out of order
      const passed = { kind: 'passed', generation: from.generation, processed: from.processed } as const;
      delivery.outcome = batch.takes(message.event)
        ? await processOutOfOrder(message, passed, batch)
        : { kind: 'unknown' };
    }
  }
  return drain(work, from, message);
}

/**
 * Whether the log has another event at the message's sequence. Checked where it is cheap (the log is read anyway) and
 * where it matters: the event was received before, blocks the group, or has an unknown type.
 */
export async function findMisplaced(work: GroupWork, from: Cursor, delivery: Delivery): Promise<Step | undefined> {
  const { message } = delivery;
  const sequence = sequenceOf(message);
  const isBlocker = from.blockedBy?.sequence === sequence;
  const isTaken = work.batch.takes(message.event);
  if (isTaken && message.receiveCount <= 1 && !isBlocker && !mayMiss(from, sequence) && !delivery.hasProcessedEarlier) {
    return undefined;
  }
  const logged = await work.log.at(sequence);
  if (logged === undefined && !isTaken && !isBlocker) {
    // the log does not have the event, and this code does not know its type: no group waits for it
    delivery.outcome = { kind: 'unknown' };
    return 'delete';
  }
  if (logged === undefined || isOf(logged, message.event)) return undefined;
  delivery.outcome = { kind: 'misplaced', logged };
  // the message still shows that the logged event was published
  const isNext = logged.kind === 'event' && work.batch.takes(logged) && !isBlocker;
  return isNext ? processEarlier(work, from, logged, message, earlierAction(message)) : 'delete';
}
