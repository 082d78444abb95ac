import { type EventTypeKey, hasCode } from '../contracts/index.ts';
import type { EpochMs } from '../shared/time.ts';
import { CONTENDED_SECONDS, type OutOfOrder, processOutOfOrder } from './arrival-order.ts';
import type { BatchContext, MessageGroup, StrictOrdering } from './batch.ts';
import {
  advance,
  type BlockedCursor,
  type Blocker,
  type Cursor,
  canDrain,
  hasSeenTypes,
  isSeenByTaker,
  typeMark,
  withSeen,
  withSeenTypes,
} from './cursor.ts';
import type { Failure } from './error-policy.ts';
import type { LogHoleError } from './errors.ts';
import { blockOnFailure, hide, hideUntried, resendAndBlock, waitForLog } from './group-blocking.ts';
import { createGroupCursor } from './group-cursor.ts';
import type { GroupWork, Settlement, Step } from './group-work.ts';
import { createTakenEvents, type GonePlaces } from './log-reader.ts';
import { type GroupMessage, identityOf, type ReceivedMessage, readSerialized, sequenceOf } from './message.ts';
import {
  type Arrival,
  type Carrying,
  CRASHED,
  type CrashSuspect,
  canUnblock,
  carrying,
  crashSuspectOf,
  decide,
} from './order-gate.ts';
import { type AwaitedType, isOf, lookBack, takesOrAwaits } from './past-event.ts';
import type { LoggedEvent } from './ports.ts';

/** How often others may be first while one message is settled; past that it goes back to the queue. */
const MAX_CONTENTIONS = 10;

/**
 * A group's messages, which are handled in sequence order, whatever order they come in. The message is a notification,
 * the log the truth: what has not arrived is taken from the log, what waits behind a failing event is only noted as seen.
 * What lies in the queue, and later in the DLQ, is always the event at fault.
 * @param known the group's cursor, where there is one
 */
export function groupInOrder(
  group: string,
  messages: readonly GroupMessage[],
  known: Cursor | undefined,
  strict: StrictOrdering,
  batch: BatchContext,
): MessageGroup {
  const { queue, redelivery } = batch;
  const processor = createGroupProcessor(group, known, strict, batch);
  return {
    messages,
    crashSuspect: worstOf(messages.map(processor.crashSuspectOf)),
    async process() {
      const returned: ReceivedMessage[] = [];
      const done: string[] = [];
      for (const [index, message] of messages.entries()) {
        if (done.length > 0 && processor.crashSuspectOf(message) !== 'none') await queue.delete(done.splice(0));
        if (batch.isOver()) return [...returned, ...(await redelivery.release(messages.slice(index)))];
        const behind = messages.slice(index + 1);
        const settlement = await processor.settle(message, behind);
        if (settlement === 'delete') done.push(message.receiptHandle);
        if (settlement === 'return') returned.push(message);
        if (settlement === 'blocked') {
          const untried = await redelivery.release([message, ...behind]);
          // the message is hidden for as long as it waits; the others were sent after it, so the queue keeps them until then
          const others = untried.filter((one) => one !== message);
          await Promise.all(others.map(({ receiptHandle }) => queue.changeVisibility(receiptHandle, 0)));
          return [...returned, ...untried];
        }
      }
      return returned;
    },
  };
}

const worstOf = (all: readonly CrashSuspect[]): CrashSuspect =>
  all.find((one) => one === 'repeated') ?? all.find((one) => one === 'once') ?? 'none';

/** One consumer's work on one group during one invocation. */
export interface GroupProcessor {
  /** Whether the message's event may crash the process, by what is known of the group so far. */
  crashSuspectOf(message: GroupMessage): CrashSuspect;
  /**
   * Settles the group's messages one after another, in the order of the queue.
   * @param behind what the queue gave after it: where this one may crash the process, they are noted as seen and deleted
   * before it is tried, so that they do not lose their receives with it
   */
  settle(message: GroupMessage, behind?: readonly GroupMessage[]): Promise<Settlement>;
}

/** @param known the group's cursor as it was just read; undefined when there was none */
export function createGroupProcessor(
  group: string,
  known: Cursor | undefined,
  strict: StrictOrdering,
  batch: BatchContext,
): GroupProcessor {
  const { clock, telemetry } = batch;
  const awaited = new Map<number, AwaitedType>();
  const isWanted = takesOrAwaits(batch.takes, awaited);
  const ownTypes = batch.subscription.events.map(typeMark);
  const work: GroupWork = {
    group,
    strict,
    batch,
    isWanted,
    ownTypes,
    cursor: createGroupCursor(group, known, { ...strict, clock, telemetry, ownTypes }),
    log: createTakenEvents(group, { ...strict, clock, takes: isWanted }),
    handled: new Set(),
    resent: undefined,
  };
  return {
    crashSuspectOf: (message) => crashSuspectOf(work.cursor.latest(), arrivalOf(message, batch)),
    settle(message, behind = []) {
      for (const each of behind) awaited.set(sequenceOf(each), each.event);
      return settle(work, message, behind);
    },
  };
}

/** A message on its way through the order of its group. */
interface Delivery {
  readonly message: GroupMessage;
  /** What the queue gave after it. */
  readonly behind: readonly GroupMessage[];
  /** Whether it is known what became of its event: what is left is to go on through the log. */
  isOwnDone: boolean;
  /** Whether it has brought an earlier event along: then the log was read. */
  hasCarried: boolean;
  /** Whether nobody needs the message any more, although this code may not take its event. */
  isUnneeded: boolean;
  /** Why the message has no place in the order of its group. */
  outOfOrder: OutOfOrder | undefined;
  /** What was decided about the message before it had done all that it can for its group. */
  settlement: 'delete' | 'return' | undefined;
}

async function settle(work: GroupWork, message: GroupMessage, behind: readonly GroupMessage[]): Promise<Settlement> {
  if (identityOf(message.event) === work.resent) return 'delete';
  const delivery: Delivery = {
    message,
    behind,
    isOwnDone: false,
    hasCarried: false,
    isUnneeded: false,
    outOfOrder: undefined,
    settlement: undefined,
  };
  let failure: Failure | undefined;
  for (let contentions = 0; contentions < MAX_CONTENTIONS; ) {
    let step: Step;
    try {
      step = failure === undefined ? await nextStep(work, delivery) : await failureStep(work, delivery, failure);
    } catch (error) {
      if (hasCode(error, 'LOG_HOLE')) return waitForLog(work, message, error as LogHoleError);
      throw error;
    }
    if (typeof step === 'object') failure = step.failed;
    else if (step === 'onwards') failure = undefined;
    else if (step === 'overtaken') {
      contentions += 1;
      work.batch.telemetry.overtaken();
    } else return step === 'delete' ? settlementOf(work, delivery) : step;
  }
  await hideUntried(work, message, CONTENDED_SECONDS);
  return 'blocked';
}

async function nextStep(work: GroupWork, delivery: Delivery): Promise<Step> {
  const { batch, cursor, ownTypes } = work;
  const { message } = delivery;
  const sequence = sequenceOf(message);
  const from = await cursor.current(sequence, Date.parse(message.event.time) as EpochMs);
  if (delivery.isOwnDone && sequence <= from.processed) return drain(work, from, message);
  const blocker = await untakenBlocker(work, from, sequence);
  const isOpen = mayMiss(from, sequence) || blocker !== undefined;
  const missing = isOpen ? await nextInLog(work, from, (blocker?.sequence ?? sequence) - 1) : undefined;
  if (missing?.kind === 'gone') return passPlaces(work, from, missing);
  const arrival = arrivalOf(message, batch);
  const decision = decide(
    from,
    arrival,
    missing?.sequence ?? sequence,
    batch,
    batch.clock.now(),
    blocker === undefined,
  );
  if (decision.kind === 'try' || decision.kind === 'unknown' || decision.kind === 'give-up') {
    const misplaced = await findMisplaced(work, from, delivery);
    if (misplaced !== undefined) return misplaced;
  }
  switch (decision.kind) {
    case 'past':
      return goBack(work, from, delivery);
    case 'unblock': {
      const step = await cursor.store(from, decision.cursor);
      if (step === 'onwards') batch.telemetry.unblocked(work.group, decision.blocker);
      return step;
    }
    case 'unknown':
      return tryOwn(work, from, delivery, undefined);
    case 'behind':
      batch.telemetry.waitsBehind();
      return from.seen >= sequence && hasSeenTypes(from, ownTypes)
        ? 'delete'
        : deleteIfStored(await cursor.store(from, decision.cursor));
    case 'give-up':
      await hide(work, message, 0);
      return 'return';
    case 'carry':
      delivery.hasCarried = true;
      // the decision names an event that comes before: it was found to be missing
      return carry(work, from, missing as LoggedEvent, message, decision.how);
    case 'try':
      return tryOwn(work, from, delivery, decision.mark);
  }
}

/** The message's own event: it is its turn. */
async function tryOwn(
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
  await hide(work, message, batch.visibilityTimeoutSeconds);
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
  const { kind } = await lookBack(event, from, { ...work.strict, entryAt: work.log.at });
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
      await hideUntried({ group, batch }, message, seconds);
      return 'blocked';
    }
    case 'failed':
      if (result.failure.deferrable) batch.telemetry.deferred();
      return { failed: result.failure };
  }
}

/** One step of an event from the log that comes before the message's own, or was seen after it. */
async function carry(
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
async function drain(work: GroupWork, from: Cursor, message: GroupMessage): Promise<Step> {
  if (!canDrain(from)) return 'delete';
  const next = await nextInLog(work, from, from.seen);
  if (next === undefined) return work.cursor.store(from, advance(from, from.seen));
  return next.kind === 'gone' ? passPlaces(work, from, next) : carry(work, from, next, message, carrying(message));
}

/** The next event to bring, or places that are gone; of what other code has seen, those of its types too. */
const nextInLog = ({ log }: GroupWork, from: Cursor, upTo: number): Promise<LoggedEvent | GonePlaces | undefined> =>
  log.next(from.processed, upTo, (event) => isSeenByTaker(from, event));

/** One step past places without an event: counted once, since the cursor remembers it. */
async function passPlaces({ group, batch, cursor }: GroupWork, from: Cursor, places: GonePlaces): Promise<Step> {
  const step = await cursor.store(from, advance(from, places.to));
  if (step === 'onwards') batch.telemetry.placesPassed(group, places, from.seen);
  return step;
}

/** What blocks the group, where that can end now and this code does not take it. */
async function untakenBlocker(
  { batch, log }: GroupWork,
  { blockedBy: blocker }: Cursor,
  sequence: number,
): Promise<Blocker | undefined> {
  if (!canUnblock(blocker, sequence, batch.clock.now())) return undefined;
  const { source, type } = blocker;
  if (source !== undefined && type !== undefined) return batch.takes({ source, type }) ? undefined : blocker;
  const logged = await log.at(blocker.sequence);
  const isTaken = logged === undefined || (logged.kind === 'event' && batch.takes(logged));
  return isTaken ? undefined : blocker;
}

/** A message whose event the cursor is past: a duplicate, unless the cursor went past it in vain. */
async function goBack(work: GroupWork, from: Cursor, delivery: Delivery): Promise<Step> {
  const { batch, log, strict } = work;
  const { message } = delivery;
  delivery.isOwnDone = true;
  const past = work.handled.has(identityOf(message.event))
    ? ({ kind: 'dealt-with' } as const)
    : await lookBack(message.event, from, { ...strict, entryAt: log.at });
  // where its event still has something to come, that decides
  delivery.isUnneeded = true;
  if (past.kind === 'dealt-with') batch.telemetry.duplicateSkipped(message.event);
  if (past.kind === 'unverified') batch.telemetry.duplicateSkipped(message.event, past.why);
  if (past.kind === 'misplaced') delivery.outOfOrder = past;
  if (past.kind === 'unhandled' && !batch.takes(message.event)) delivery.outOfOrder = { kind: 'unknown' };
  else if (past.kind === 'unhandled') {
    // before what waits behind it: it is late enough
    const late = { kind: 'late', generation: from.generation, processed: from.processed } as const;
    delivery.settlement = await processOutOfOrder(message, late, batch);
  }
  return drain(work, from, message);
}

/**
 * Whether the log has another event at the place that the message's event names. It is looked at where it is cheap:
 * where the log is read in any case, and where an event comes again, waits, or is of no known type.
 */
async function findMisplaced(work: GroupWork, from: Cursor, delivery: Delivery): Promise<Step | undefined> {
  const { message } = delivery;
  const sequence = sequenceOf(message);
  const isBlocker = from.blockedBy?.sequence === sequence;
  const isTaken = work.batch.takes(message.event);
  if (isTaken && message.receiveCount <= 1 && !isBlocker && !mayMiss(from, sequence) && !delivery.hasCarried) {
    return undefined;
  }
  const logged = await work.log.at(sequence);
  if (logged === undefined && !isTaken && !isBlocker) {
    // no event of the log, and none that this code knows: no group waits for it
    delivery.outOfOrder = { kind: 'unknown' };
    return 'delete';
  }
  if (logged === undefined || isOf(logged, message.event)) return undefined;
  delivery.outOfOrder = { kind: 'misplaced', logged };
  // a message all the same: it tells that the true event has come
  const isNext = logged.kind === 'event' && work.batch.takes(logged) && !isBlocker;
  return isNext ? carry(work, from, logged, message, carrying(message)) : 'delete';
}

async function failureStep(work: GroupWork, delivery: Delivery, failure: Failure): Promise<Step> {
  const { step, isResent } = await blockOnFailure(work, delivery.message, failure);
  if (isResent) delivery.isUnneeded = true;
  return step;
}

/** What becomes of a message once it has done all that it can for its group. */
async function settlementOf({ batch }: GroupWork, delivery: Delivery): Promise<Settlement> {
  const { message, isUnneeded, outOfOrder, settlement } = delivery;
  if (settlement !== undefined) return settlement;
  if (outOfOrder !== undefined) return processOutOfOrder(message, outOfOrder, batch);
  // what waits in the log is taken from there only by code that takes it: until then the message stays
  return isUnneeded || batch.takes(message.event) ? 'delete' : processOutOfOrder(message, { kind: 'unknown' }, batch);
}

const arrivalOf = (message: GroupMessage, { takes }: Pick<BatchContext, 'takes'>): Arrival => {
  const { source, type }: EventTypeKey = message.event;
  return {
    source,
    type,
    sequence: sequenceOf(message),
    receiveCount: message.receiveCount,
    isTaken: takes(message.event),
  };
};

const deleteIfStored = (stored: 'onwards' | 'overtaken'): Step => (stored === 'onwards' ? 'delete' : 'overtaken');

/** Whether an event may be missing between the cursor and the arrival, and nothing is known to block the group. */
const mayMiss = ({ processed, blockedBy: blocker }: Cursor, sequence: number): boolean =>
  sequence > processed + 1 && !(blocker !== undefined && sequence >= blocker.sequence);
