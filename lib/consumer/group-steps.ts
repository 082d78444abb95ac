import {
  advance,
  type BlockedCursor,
  type Cursor,
  canDrain,
  isSeenByTaker,
  withSeen,
  withSeenTypes,
} from './cursor.ts';
import { checkPastEvent } from './duplicate-check.ts';
import { resendAndBlock } from './group-blocking.ts';
import type { Delivery, GroupWork, Step } from './group-work.ts';
import type { GonePlaces } from './log-reader.ts';
import { type GroupMessage, identityOf, readSerialized, sequenceOf } from './message.ts';
import { type Carrying, CRASHED, carrying } from './order-gate.ts';
import type { LoggedEvent } from './ports.ts';

/** The message's own event: it is its turn. */
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

/** Notes that the event may crash the process, before it is tried. */
async function storeMark(
  work: GroupWork,
  from: Cursor,
  { message, behind }: Delivery,
  mark: BlockedCursor,
): Promise<'onwards' | 'overtaken'> {
  const { batch, cursor } = work;
  const unneeded = mark.blockedBy.reason.code === CRASHED.code ? await unneededOf(work, from, message, behind) : [];
  await batch.redelivery.postpone(message, batch.visibilityTimeoutSeconds, work.group);
  const next = unneeded.reduce<Cursor>((seen, one) => withSeen(seen, sequenceOf(one)), mark);
  if ((await cursor.store(from, next)) === 'overtaken') return 'overtaken';
  if (unneeded.length > 0) await batch.queue.delete(unneeded.map(({ receiptHandle }) => receiptHandle));
  return 'onwards';
}

/**
 * Those of `behind` whose messages nobody needs while `message` is tried: the log brings their events again, or they
 * are duplicates. An unknown type, and an event that the cursor went past in vain, are known from the message alone.
 */
async function unneededOf(
  work: GroupWork,
  from: Cursor,
  message: GroupMessage,
  behind: readonly GroupMessage[],
): Promise<readonly GroupMessage[]> {
  const own = identityOf(message.event);
  const unneeded: GroupMessage[] = [];
  for (const one of behind.filter(({ event }) => work.batch.takes(event))) {
    const identity = identityOf(one.event);
    const isAhead = sequenceOf(one) > sequenceOf(message) || identity === own;
    if (isAhead || work.handled.has(identity) || (await isDuplicate(work, from, one))) unneeded.push(one);
  }
  return unneeded;
}

async function isDuplicate(work: GroupWork, from: Cursor, { event }: GroupMessage): Promise<boolean> {
  const { kind } = await checkPastEvent(event, from, { ...work.strict, entryAt: work.log.at });
  return kind === 'dealt-with' || kind === 'unverified';
}

type Attempted = Pick<LoggedEvent, 'sequence' | 'source' | 'id'> & Pick<GroupMessage, 'content'>;

/** Handles an event, and moves the cursor past it in the same transaction. */
async function attempt(
  { group, batch, strict, cursor, ownTypes, handled }: GroupWork,
  from: Cursor,
  { sequence, content, ...event }: Attempted,
  message: GroupMessage,
): Promise<Step> {
  const next = withSeenTypes(from, advance(from, sequence), ownTypes);
  const guards = [strict.cursors.change(group, from, next)];
  const result = await batch.attempt(content, { guards, generation: from.generation });
  if (result.kind === 'handled' || result.kind === 'duplicate') handled.add(identityOf(event));
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

/** One step of an event from the log that comes before the message's own, or was seen after it. */
export async function carry(
  work: GroupWork,
  from: Cursor,
  logged: LoggedEvent,
  message: GroupMessage,
  how: Carrying,
): Promise<Step> {
  const { group, batch, cursor } = work;
  if (!work.isWanted(logged)) {
    // code that takes it has seen it, and may have deleted its message: a new one tells that code what was gone past
    await batch.queue.resend(group, logged.body);
    return cursor.store(from, advance(from, logged.sequence));
  }
  if (how === 'resend') return resendAndBlock(work, from, logged, message);
  if (batch.timeIsShort()) {
    await batch.queue.resend(group, logged.body);
    return deleteIfStored(await cursor.store(from, withSeen(from, sequenceOf(message))));
  }
  const step = await attempt(work, from, { ...logged, content: readSerialized(logged.body) }, message);
  if (step === 'onwards') batch.telemetry.takenFromLog();
  return typeof step === 'object' ? resendAndBlock(work, from, logged, message, step.failed) : step;
}

/** One step through what has been seen and waits in the log, once the message's own event is dealt with. */
export async function drain(work: GroupWork, from: Cursor, message: GroupMessage): Promise<Step> {
  if (!canDrain(from)) return 'delete';
  const next = await nextInLog(work, from, from.seen);
  if (next === undefined) return work.cursor.store(from, advance(from, from.seen));
  return next.kind === 'gone' ? passPlaces(work, from, next) : carry(work, from, next, message, carrying(message));
}

/** The next event to bring, or places that are gone; of what other code has seen, those of its types too. */
export const nextInLog = (
  { log }: GroupWork,
  from: Cursor,
  upTo: number,
): Promise<LoggedEvent | GonePlaces | undefined> =>
  log.next(from.processed, upTo, (event) => isSeenByTaker(from, event));

/** One step past places without an event: counted once, since the cursor remembers it. */
export async function passPlaces({ group, batch, cursor }: GroupWork, from: Cursor, places: GonePlaces): Promise<Step> {
  const step = await cursor.store(from, advance(from, places.to));
  if (step === 'onwards') batch.telemetry.placesPassed(group, places, from.seen);
  return step;
}

export const deleteIfStored = (stored: 'onwards' | 'overtaken'): Step =>
  stored === 'onwards' ? 'delete' : 'overtaken';
