import type { EpochMs } from '../shared/time.ts';
import { type BlockedCursor, type Blocker, blockedBy, type Cursor, withSeen } from './cursor.ts';
import type { Failure } from './error-policy.ts';
import type { LogHoleError } from './errors.ts';
import type { GroupWork, Step } from './group-work.ts';
import { type GroupMessage, identityOf, readSerialized, sequenceOf } from './message.ts';
import { CRASHED, DEFERRED } from './order-gate.ts';
import type { LoggedEvent } from './ports.ts';

/** The wait for a hole grows: a tenth of the event's age. */
const HOLE_AGE_RATIO = 0.1;
const LONGEST_HOLE_WAIT_SECONDS = 300;

/** A message whose event fails with these has no place in its group's order: see `ReceivedMessage.event`. */
const UNREADABLE = new Set(['EVENT_MALFORMED', 'TENANT_MISSING']);

/**
 * Blocks the group by the message's own event, which has failed. If the event has used up its receives, and some of
 * them were deferred, it gets a new message.
 * @returns `isResent` if it got a new message, even if another execution changed the cursor first. The step is
 * `continue` if another execution has already processed the event.
 */
export async function blockOnFailure(
  work: GroupWork,
  message: GroupMessage,
  failure: Failure,
): Promise<{ readonly step: Step; readonly isResent: boolean }> {
  const { batch, cursor } = work;
  const { receiveCount } = message;
  const sequence = sequenceOf(message);
  const from = await cursor.current(sequence);
  if (from.processed >= sequence) return { step: 'continue', isResent: false };
  const hasWaited = receiveCount > 1 && from.blockedBy?.sequence === sequence && from.blockedBy.deferred;
  const deferred = failure.deferrable || hasWaited === true;
  // of a message on its last receive SQS itself takes care
  const isTriedEnough = !deferred && receiveCount >= batch.maxAttempts && receiveCount < batch.maxReceiveCount;
  const permanent = failure.permanent || isTriedEnough;
  if (deferred && !permanent && receiveCount >= batch.maxReceiveCount) {
    return { step: await renewMessage(work, from, message, failure), isResent: true };
  }
  const blocker = { ...blockerOf(message, failure, receiveCount), permanent, ...(deferred && DEFERRED) };
  return { step: await returnAndBlock(work, from, message, failure, blocker), isResent: false };
}

async function returnAndBlock(
  work: GroupWork,
  from: Cursor,
  message: GroupMessage,
  failure: Failure,
  blocker: NewBlocker,
): Promise<'return' | 'overtaken'> {
  const { batch, cursor } = work;
  const blocked = block(work, from, blocker);
  if ((await cursor.store(from, blocked)) === 'overtaken') return 'overtaken';
  const isFinal = blocker.permanent || blocked.blockedBy.state === 'dead';
  const seconds = isFinal ? 0 : batch.redelivery.backoffSeconds(message.receiveCount, failure);
  await batch.redelivery.postpone(message, seconds, work.group);
  work.failedInQueue = identityOf(message.event);
  await batch.redelivery.noteBlocked(message.content, blocked.blockedBy, failure);
  return 'return';
}

async function renewMessage(
  work: GroupWork,
  from: Cursor,
  message: GroupMessage,
  failure: Failure,
): Promise<'delete' | 'overtaken'> {
  const { group, batch, cursor } = work;
  // resend first: a crash after it leaves an extra message, not a blocked group without a message
  await batch.queue.resend(group, message.content.body);
  const blocked = block(work, from, { ...blockerOf(message, failure, 0), permanent: false });
  if ((await cursor.store(from, blocked)) === 'overtaken') return 'overtaken';
  work.failedInQueue = identityOf(message.event);
  await batch.redelivery.noteBlocked(message.content, blocked.blockedBy, failure);
  // delete at once: if the batch fails, the message would be received again and move to the DLQ
  await batch.queue.delete([message.receiptHandle]);
  batch.telemetry.messageRenewed(message.event, failure.code);
  return 'delete';
}

/**
 * Gives an event of the log its own message and blocks the group by it: the event has failed, or may have crashed the
 * process.
 */
export async function resendAndBlock(
  work: GroupWork,
  from: Cursor,
  { source, type, id, sequence, body }: LoggedEvent,
  arrived: GroupMessage,
  failure?: Failure,
): Promise<Step> {
  const { group, batch, cursor } = work;
  // resend before the block is stored: a crash in between leaves an extra message, not a blocked group without a
  // message
  await batch.queue.resend(group, body);
  const reason = failure === undefined ? CRASHED : { code: failure.code, message: failure.message };
  const permanent = failure !== undefined && UNREADABLE.has(failure.code);
  const blocked = block(work, from, { source, type, sequence, attempts: 0, reason, permanent });
  const next = withSeen(blocked, sequenceOf(arrived));
  if ((await cursor.store(from, next)) === 'overtaken') return 'overtaken';
  if (failure === undefined) return 'delete';
  work.failedInQueue = identityOf({ source, id });
  await batch.redelivery.noteBlocked(readSerialized(body), blocked.blockedBy, failure);
  return 'delete';
}

/** Waits for events that the log does not show. The current event is not at fault and is retried without limit. */
export async function waitForLog(work: GroupWork, message: GroupMessage, hole: LogHoleError): Promise<'blocked'> {
  const { batch } = work;
  const { receiveCount, content } = message;
  // the last receive needs no long wait: a new message replaces it
  const isFresh = receiveCount < Math.min(2, batch.maxReceiveCount - 1);
  const retryAfterSeconds = isFresh ? 0 : holeWaitSeconds(message, batch.clock.now());
  const seconds = batch.redelivery.backoffSeconds(receiveCount, { retryAfterSeconds, deferrable: false });
  await batch.redelivery.postponeUntried(message, seconds, work.group);
  batch.telemetry.logHoleFound(message, hole);
  const reason = { code: hole.code, message: hole.message };
  await batch.redelivery.noteBlocked(content, { attempts: receiveCount, reason, state: 'retrying' });
  return 'blocked';
}

/** Based on the event's age, because a new message restarts the receive count. */
const holeWaitSeconds = ({ event }: GroupMessage, now: EpochMs): number =>
  Math.min(Math.ceil(((now - Date.parse(event.time)) / 1000) * HOLE_AGE_RATIO), LONGEST_HOLE_WAIT_SECONDS);

type NewBlocker = Omit<Blocker, 'since' | 'state'>;

const block = ({ batch }: GroupWork, from: Cursor, blocker: NewBlocker): BlockedCursor =>
  blockedBy(from, blocker, batch, batch.clock.now());

const blockerOf = (message: GroupMessage, { code, message: text }: Failure, attempts: number) => ({
  source: message.event.source,
  type: message.event.type,
  sequence: sequenceOf(message),
  attempts,
  reason: { code, message: text },
});
