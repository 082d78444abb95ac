import { type EventTypeKey, hasCode } from '../definitions/index.ts';
import type { EpochMs } from '../shared/time.ts';
import { CONTENDED_SECONDS, processOutOfOrder } from './arrival-order.ts';
import type { BatchContext, MessageGroup, StrictOrdering } from './batch.ts';
import { type Blocker, type Cursor, hasSeenTypes, typeMark } from './cursor.ts';
import { type AwaitedType, checkPastEvent, isOf, takesOrAwaits } from './duplicate-check.ts';
import type { Failure } from './error-policy.ts';
import type { LogHoleError } from './errors.ts';
import { blockOnFailure, waitForLog } from './group-blocking.ts';
import { createGroupCursor } from './group-cursor.ts';
import { carry, deleteIfStored, drain, nextInLog, passPlaces, tryOwn } from './group-steps.ts';
import type { Delivery, GroupWork, Settlement, Step } from './group-work.ts';
import { createTakenEvents } from './log-reader.ts';
import { type GroupMessage, identityOf, type ReceivedMessage, sequenceOf } from './message.ts';
import {
  type Arrival,
  type CrashSuspect,
  canUnblock,
  carrying,
  crashSuspectOf,
  type Decision,
  decide,
} from './order-gate.ts';
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
          await redelivery.showAgain(others);
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
    failedInQueue: undefined,
  };
  return {
    crashSuspectOf: (message) => crashSuspectOf(work.cursor.latest(), arrivalOf(message, batch)),
    settle(message, behind = []) {
      for (const each of behind) awaited.set(sequenceOf(each), each.event);
      return settle(work, message, behind);
    },
  };
}

async function settle(work: GroupWork, message: GroupMessage, behind: readonly GroupMessage[]): Promise<Settlement> {
  if (identityOf(message.event) === work.failedInQueue) return 'delete';
  const delivery: Delivery = {
    message,
    behind,
    isOwnDone: false,
    hasCarried: false,
    outcome: undefined,
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
  await work.batch.redelivery.postponeUntried(message, CONTENDED_SECONDS, work.group);
  return 'blocked';
}

/** Reads what the order gate needs to know, lets it decide, and acts on the decision. */
async function nextStep(work: GroupWork, delivery: Delivery): Promise<Step> {
  const { batch, cursor } = work;
  const { message, isOwnDone } = delivery;
  const sequence = sequenceOf(message);
  const from = await cursor.current(sequence, Date.parse(message.event.time) as EpochMs);
  if (isOwnDone && sequence <= from.processed) return drain(work, from, message);
  const blocker = await untakenBlocker(work, from, sequence);
  const mayBeMissing = mayMiss(from, sequence) || blocker !== undefined;
  const earlier = mayBeMissing ? await nextInLog(work, from, (blocker?.sequence ?? sequence) - 1) : undefined;
  if (earlier?.kind === 'gone') return passPlaces(work, from, earlier);
  const decision = decide({
    cursor: from,
    arrival: arrivalOf(message, batch),
    next: earlier?.sequence ?? sequence,
    limit: batch,
    now: batch.clock.now(),
    isBlockerTaken: blocker === undefined,
  });
  return act(work, from, delivery, decision, earlier);
}

/** @param earlier the first event that comes before the message's own; undefined when none is missing */
async function act(
  work: GroupWork,
  from: Cursor,
  delivery: Delivery,
  decision: Decision,
  earlier: LoggedEvent | undefined,
): Promise<Step> {
  const { group, batch, cursor, ownTypes } = work;
  const { message } = delivery;
  switch (decision.kind) {
    case 'past':
      return goBack(work, from, delivery);
    case 'behind':
      batch.telemetry.waitsBehind();
      return from.seen >= sequenceOf(message) && hasSeenTypes(from, ownTypes)
        ? 'delete'
        : deleteIfStored(await cursor.store(from, decision.cursor));
    case 'carry':
      delivery.hasCarried = true;
      // the gate decides so only when an earlier event was found
      return carry(work, from, earlier as LoggedEvent, message, decision.how);
    case 'unblock': {
      const step = await cursor.store(from, decision.cursor);
      if (step === 'onwards') batch.telemetry.unblocked(group, decision.blocker);
      return step;
    }
    case 'try':
      return (await findMisplaced(work, from, delivery)) ?? tryOwn(work, from, delivery, decision.mark);
    case 'unknown':
      return (await findMisplaced(work, from, delivery)) ?? tryOwn(work, from, delivery, undefined);
    case 'give-up': {
      const misplaced = await findMisplaced(work, from, delivery);
      if (misplaced === undefined) await batch.redelivery.postpone(message, 0, group);
      return misplaced ?? 'return';
    }
  }
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
    : await checkPastEvent(message.event, from, { ...strict, entryAt: log.at });
  switch (past.kind) {
    case 'dealt-with':
    case 'unverified':
      batch.telemetry.duplicateSkipped(message.event, past.kind === 'unverified' ? past.why : undefined);
      delivery.outcome ??= 'delete';
      break;
    case 'misplaced':
      delivery.outcome = past;
      break;
    case 'unhandled': {
      // before the events behind it: it is late enough
      const late = { kind: 'late', generation: from.generation, processed: from.processed } as const;
      delivery.outcome = batch.takes(message.event)
        ? await processOutOfOrder(message, late, batch)
        : { kind: 'unknown' };
    }
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
    delivery.outcome = { kind: 'unknown' };
    return 'delete';
  }
  if (logged === undefined || isOf(logged, message.event)) return undefined;
  delivery.outcome = { kind: 'misplaced', logged };
  // a message all the same: it tells that the true event has come
  const isNext = logged.kind === 'event' && work.batch.takes(logged) && !isBlocker;
  return isNext ? carry(work, from, logged, message, carrying(message)) : 'delete';
}

async function failureStep(work: GroupWork, delivery: Delivery, failure: Failure): Promise<Step> {
  const { step, isResent } = await blockOnFailure(work, delivery.message, failure);
  // the new message has taken its place, although this code may not take its event
  if (isResent) delivery.outcome ??= 'delete';
  return step;
}

/** What becomes of a message once it has done all that it can for its group. */
async function settlementOf({ batch }: GroupWork, delivery: Delivery): Promise<Settlement> {
  const { message, outcome } = delivery;
  if (typeof outcome === 'string') return outcome;
  // what waits in the log is taken from there only by code that takes it: until then the message stays
  const why = outcome ?? (batch.takes(message.event) ? undefined : ({ kind: 'unknown' } as const));
  return why === undefined ? 'delete' : processOutOfOrder(message, why, batch);
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

/** Whether an event may be missing between the cursor and the arrival, and nothing is known to block the group. */
const mayMiss = ({ processed, blockedBy: blocker }: Cursor, sequence: number): boolean =>
  sequence > processed + 1 && !(blocker !== undefined && sequence >= blocker.sequence);
