import type { EpochMs } from '../shared/time.ts';
import { type BlockedCursor, type Blocker, blockedBy, type Cursor, withSeen } from './cursor.ts';
import type { Failure } from './error-policy.ts';
import type { LogHoleError } from './errors.ts';
import type { GroupWork, Step } from './group-work.ts';
import { type GroupMessage, identityOf, readSerialized, sequenceOf } from './message.ts';
import { CRASHED, DEFERRED } from './order-gate.ts';
import type { LoggedEvent } from './ports.ts';

/** A hole that stays is looked at ever more rarely: after another tenth of the time that the event has waited for it. */
const HOLE_AGE_RATIO = 0.1;
const LONGEST_HOLE_WAIT_SECONDS = 300;

/** What fails with these has no part in the order of its group when its message comes: see `ReceivedMessage.event`. */
const UNREADABLE = new Set(['EVENT_MALFORMED', 'TENANT_MISSING']);

/**
 * The message's own event has failed: the group waits for it. An event that has used up its receives, some of them by
 * waiting for something else, gets a message with new ones.
 * @returns `isResent` in that case, whoever was first with the cursor; the step is `onwards` where another execution has
 * dealt with the event meanwhile
 */
export async function blockOnFailure(
  work: GroupWork,
  message: GroupMessage,
  failure: Failure,
): Promise<{ readonly step: Step; readonly isResent: boolean }> {
  const { batch, cursor } = work;
  const { permanent } = failure;
  const sequence = sequenceOf(message);
  const from = await cursor.current(sequence);
  if (from.processed >= sequence) return { step: 'onwards', isResent: false };
  const hasWaited = message.receiveCount > 1 && from.blockedBy?.sequence === sequence && from.blockedBy.deferred;
  const deferred = failure.deferrable || hasWaited === true;
  if (deferred && !permanent && message.receiveCount >= batch.maxReceiveCount) {
    return { step: await renewMessage(work, from, message, failure), isResent: true };
  }
  const blocker = { ...blockerOf(message, failure, message.receiveCount), permanent, ...(deferred && DEFERRED) };
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
  const isOver = blocker.permanent || blocked.blockedBy.state === 'dead';
  const seconds = isOver ? 0 : batch.redelivery.backoffSeconds(message.receiveCount, failure);
  await batch.redelivery.postpone(message, seconds, work.group);
  work.failedInQueue = identityOf(message.event);
  await batch.redelivery.noteBlocked(message.content, blocked.blockedBy, failure.stackHead);
  return 'return';
}

async function renewMessage(
  work: GroupWork,
  from: Cursor,
  message: GroupMessage,
  failure: Failure,
): Promise<'delete' | 'overtaken'> {
  const { group, batch, cursor } = work;
  // a crash from here on leaves a message too many, not a group that waits for nothing
  await batch.queue.resend(group, message.content.body);
  const blocked = block(work, from, { ...blockerOf(message, failure, 0), permanent: false });
  if ((await cursor.store(from, blocked)) === 'overtaken') return 'overtaken';
  work.failedInQueue = identityOf(message.event);
  await batch.redelivery.noteBlocked(message.content, blocked.blockedBy, failure.stackHead);
  // at once: with the rest of the batch it might come again, and go to the DLQ
  await batch.queue.delete([message.receiptHandle]);
  batch.telemetry.messageRenewed(message.event);
  return 'delete';
}

/**
 * An event of the log that another message carried has failed, or may have crashed the process: it gets a message of its
 * own, and the group waits for it.
 */
export async function resendAndBlock(
  work: GroupWork,
  from: Cursor,
  { source, type, id, sequence, body }: LoggedEvent,
  carrier: GroupMessage,
  failure?: Failure,
): Promise<Step> {
  const { group, batch, cursor } = work;
  // the message before the mark: a crash between them leaves a message too many, not a group that waits for nothing
  await batch.queue.resend(group, body);
  const reason = failure === undefined ? CRASHED : { code: failure.code, message: failure.message };
  const permanent = failure !== undefined && UNREADABLE.has(failure.code);
  const blocked = block(work, from, { source, type, sequence, attempts: 0, reason, permanent });
  const next = withSeen(blocked, sequenceOf(carrier));
  if ((await cursor.store(from, next)) === 'overtaken') return 'overtaken';
  if (failure === undefined) return 'delete';
  work.failedInQueue = identityOf({ source, id });
  await batch.redelivery.noteBlocked(readSerialized(body), blocked.blockedBy, failure.stackHead);
  return 'delete';
}

/** The event at hand is not at fault: it comes again as often as it takes. */
export async function waitForLog(work: GroupWork, message: GroupMessage, hole: LogHoleError): Promise<'blocked'> {
  const { batch } = work;
  const { receiveCount, content } = message;
  // the last receive waits for nothing: a new message takes its place
  const isFresh = receiveCount < Math.min(2, batch.maxReceiveCount - 1);
  const retryAfterSeconds = isFresh ? 0 : holeWaitSeconds(message, batch.clock.now());
  const seconds = batch.redelivery.backoffSeconds(receiveCount, { retryAfterSeconds, deferrable: false });
  await batch.redelivery.postponeUntried(message, seconds, work.group);
  batch.telemetry.logHoleFound(message, hole);
  const reason = { code: hole.code, message: hole.message };
  await batch.redelivery.noteBlocked(content, { attempts: receiveCount, reason, state: 'retrying' }, '');
  return 'blocked';
}

/** By the event's age, since a new message begins its receives anew. */
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
