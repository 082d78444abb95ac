import {
  advance,
  type BlockedCursor,
  type Cursor,
  canDrain,
  isReplayOf,
  isSeenByTaker,
  withSeen,
  withSeenTypes,
} from './cursor.ts';
import { checkPastEvent } from './duplicate-check.ts';
import { resendAndBlock } from './group-blocking.ts';
import type { Delivery, GroupWork, Step } from './group-work.ts';
import type { PassedPlaces } from './log-reader.ts';
import { type GroupMessage, identityOf, readSerialized, sequenceOf } from './message.ts';
import { CRASHED, type EarlierAction, earlierAction } from './order-gate.ts';
import type { LoggedEvent } from './ports.ts';

/** Tries the message's own event when it is its turn. */
export async function tryOwn(
  work: GroupWork,
  from: Cursor,
  delivery: Delivery,
  mark: BlockedCursor | undefined,
): Promise<Step> {
  const { message } = delivery;
  const sequence = sequenceOf(message);
  if (mark !== undefined && (await storeMark(work, from, delivery, mark)) === 'overtaken') return 'overtaken';
  const marked = mark === undefined ? from : await work.cursor.current(sequence);
  const step = await attempt(work, marked, { ...message.event, sequence, content: message.content }, message);
  if (work.handled.has(identityOf(message.event))) delivery.isOwnDone = true;
  return step;
}

/** Blocks the group by the crash suspect before it is tried. */
async function storeMark(
  work: GroupWork,
  from: Cursor,
  { message, later }: Delivery,
  mark: BlockedCursor,
): Promise<'continue' | 'overtaken'> {
  const { batch, cursor } = work;
  const deletable =
    mark.blockedBy.reason.code === CRASHED.code ? await deletableMessages(work, from, message, later) : [];
  await batch.redelivery.postpone(message, batch.visibilityTimeoutSeconds, work.group);
  const next = deletable.reduce<Cursor>((seen, one) => withSeen(seen, sequenceOf(one)), mark);
  if ((await cursor.store(from, next)) === 'overtaken') return 'overtaken';
  if (deletable.length > 0) await batch.queue.delete(deletable.map(({ receiptHandle }) => receiptHandle));
  return 'continue';
}

/**
 * Later messages that can be deleted before the suspect runs: the log holds their events, or they are duplicates.
 * Messages of unknown types, and of events that the cursor passed without handling, are kept, because only the message
 * leads to the event.
 */
async function deletableMessages(
  work: GroupWork,
  from: Cursor,
  message: GroupMessage,
  later: readonly GroupMessage[],
): Promise<readonly GroupMessage[]> {
  const own = identityOf(message.event);
  const deletable: GroupMessage[] = [];
  for (const one of later.filter(({ event }) => work.batch.takes(event))) {
    const identity = identityOf(one.event);
    const isAhead = sequenceOf(one) > sequenceOf(message) || identity === own;
    if (isAhead || work.handled.has(identity) || (await isDuplicate(work, from, one))) deletable.push(one);
  }
  return deletable;
}

async function isDuplicate(work: GroupWork, from: Cursor, { event }: GroupMessage): Promise<boolean> {
  const { kind } = await checkPastEvent(event, from, { ...work.strict, entryAt: work.log.at });
  return kind === 'handled' || kind === 'unverified';
}

type Attempted = Pick<LoggedEvent, 'sequence' | 'source' | 'id'> & Pick<GroupMessage, 'content'>;

/** Handles an event and moves the cursor in the same transaction. */
async function attempt(
  { group, batch, strict, cursor, ownTypes, handled }: GroupWork,
  from: Cursor,
  { sequence, content, ...event }: Attempted,
  message: GroupMessage,
): Promise<Step> {
  const next = withSeenTypes(from, advance(from, sequence), ownTypes);
  const guards = [strict.cursors.change(group, from, next)];
  const result = await batch.attempt(content, {
    guards,
    generation: from.generation,
    isReplay: isReplayOf(from, sequence),
  });
  if (result.kind === 'handled' || result.kind === 'duplicate') {
    handled.add(identityOf(event));
    const mayHaveFailed = from.blockedBy?.sequence === sequence || isReceivedAgain(message, event);
    if (mayHaveFailed && content.event !== undefined) await batch.redelivery.noteHandled(content.event);
  }
  switch (result.kind) {
    case 'handled':
      return cursor.stored(from, next);
    case 'duplicate':
      return cursor.store(from, next);
    case 'overtaken':
      return cursor.overtaken();
    case 'busy': {
      const seconds = Math.max(Math.ceil((result.until - batch.clock.now()) / 1000), 0) + 1;
      await batch.redelivery.postponeUntried(message, seconds, group);
      return 'blocked';
    }
    case 'failed':
      if (result.failure.deferrable) batch.telemetry.deferred();
      return { failed: result.failure };
  }
}

const isReceivedAgain = (
  { event, receiveCount }: GroupMessage,
  attempted: Pick<LoggedEvent, 'source' | 'id'>,
): boolean => receiveCount > 1 && identityOf(event) === identityOf(attempted);

/** One step for an event from the log: it comes before the message's own event, or was seen after it. */
export async function processEarlier(
  work: GroupWork,
  from: Cursor,
  logged: LoggedEvent,
  message: GroupMessage,
  how: EarlierAction,
): Promise<Step> {
  const { group, batch, cursor } = work;
  if (!work.isWanted(logged)) {
    // newer code that handles it has seen it and may have deleted its message: resend it for that code
    await batch.queue.resend(group, logged.body);
    return cursor.store(from, advance(from, logged.sequence));
  }
  if (how === 'resend') return resendAndBlock(work, from, logged, message);
  if (batch.isTimeShort()) {
    await batch.queue.resend(group, logged.body);
    return deleteIfStored(await cursor.store(from, withSeen(from, sequenceOf(message))));
  }
  const step = await attempt(work, from, { ...logged, content: readSerialized(logged.body) }, message);
  if (step === 'continue') batch.telemetry.takenFromLog();
  return typeof step === 'object' ? resendAndBlock(work, from, logged, message, step.failed) : step;
}

/** One step through the events in the log that were seen, after the message's own event. */
export async function drain(work: GroupWork, from: Cursor, message: GroupMessage): Promise<Step> {
  if (!canDrain(from)) return 'delete';
  const next = await nextInLog(work, from, from.seen);
  if (next === undefined) return work.cursor.store(from, advance(from, from.seen));
  return next.kind === 'passed'
    ? passPlaces(work, from, next)
    : processEarlier(work, from, next, message, earlierAction(message));
}

/** The next event to process, or sequences to pass. Includes types that other code has seen and handles. */
export const nextInLog = (
  { log }: GroupWork,
  from: Cursor,
  upTo: number,
): Promise<LoggedEvent | PassedPlaces | undefined> =>
  log.next(from.processed, upTo, (event) => isSeenByTaker(from, event));

/** One step over sequences without an event to handle. They are counted once, because the cursor is stored. */
export async function passPlaces(
  { group, batch, cursor }: GroupWork,
  from: Cursor,
  places: PassedPlaces,
): Promise<Step> {
  const step = await cursor.store(from, advance(from, places.to));
  if (step === 'continue') batch.telemetry.placesPassed(group, places, from.seen);
  return step;
}

export const deleteIfStored = (stored: 'continue' | 'overtaken'): Step =>
  stored === 'continue' ? 'delete' : 'overtaken';
