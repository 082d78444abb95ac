import { type EventTypeKey, hasCode } from '../definitions/index.ts';
import type { EpochMs } from '../shared/time.ts';
import { CONTENDED_SECONDS, processOutOfOrder } from './arrival-order.ts';
import type { BatchContext, MessageGroup, StrictOrdering } from './batch.ts';
import { type Blocker, type Cursor, hasSeenTypes, typeHash } from './cursor.ts';
import { type AwaitedType, takesOrAwaits } from './duplicate-check.ts';
import type { Failure } from './error-policy.ts';
import type { LogHoleError } from './errors.ts';
import { blockOnFailure, waitForLog } from './group-blocking.ts';
import { createGroupCursor } from './group-cursor.ts';
import { deleteIfStored, drain, nextInLog, passPlaces, processEarlier, tryOwn } from './group-steps.ts';
import type { Delivery, GroupWork, MessageResult, Step } from './group-work.ts';
import { createTakenEvents } from './log-reader.ts';
import { type GroupMessage, identityOf, type ReceivedMessage, sequenceOf } from './message.ts';
import {
  type Arrival,
  type CrashSuspect,
  canUnblock,
  crashSuspectOf,
  type Decision,
  decide,
  mayMiss,
} from './order-gate.ts';
import { findMisplaced, keepWhilePaused, processPast } from './out-of-place.ts';
import type { LoggedEvent } from './ports.ts';

/** Maximum lost cursor updates while one message is processed. After that, it returns to the queue. */
const MAX_CONTENTIONS = 10;

/**
 * The messages of a group, handled in sequence order regardless of their arrival order. A message is only a
 * notification; the log holds the events. Events without a message are read from the log. Events after a failed one are
 * only recorded as seen, so that the queue, and later the DLQ, always holds the event at fault.
 * @param known the group's cursor, if it has one
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
        if (batch.isTimeUp()) return [...returned, ...(await redelivery.release(messages.slice(index)))];
        const later = messages.slice(index + 1);
        const result = await processor.processMessage(message, later);
        if (result === 'delete') done.push(message.receiptHandle);
        if (result === 'return') returned.push(message);
        if (result === 'blocked') {
          const untried = await redelivery.release([message, ...later]);
          // the message stays hidden while it waits; the queue keeps the later ones back until then
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

/** Processes one group of one consumer during one invocation. */
export interface GroupProcessor {
  /** Whether the message's event may crash the process, according to the current cursor. */
  crashSuspectOf(message: GroupMessage): CrashSuspect;
  /**
   * Processes the group's messages one after another, in the order of the queue.
   * @param later messages received after it. If this event may crash the process, they are recorded as seen and deleted
   * first, so that they do not use up receives with it.
   */
  processMessage(message: GroupMessage, later?: readonly GroupMessage[]): Promise<MessageResult>;
}

/** @param known the group's cursor that was just read; undefined if there was none */
export function createGroupProcessor(
  group: string,
  known: Cursor | undefined,
  strict: StrictOrdering,
  batch: BatchContext,
): GroupProcessor {
  const { clock, telemetry } = batch;
  const awaited = new Map<number, AwaitedType>();
  const isWanted = takesOrAwaits(batch.takes, awaited);
  const ownTypes = batch.subscription.events.map(typeHash);
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
    processMessage(message, later = []) {
      for (const each of later) awaited.set(sequenceOf(each), each.event);
      return processMessage(work, message, later);
    },
  };
}

async function processMessage(
  work: GroupWork,
  message: GroupMessage,
  later: readonly GroupMessage[],
): Promise<MessageResult> {
  if (identityOf(message.event) === work.failedInQueue) return 'delete';
  const delivery: Delivery = {
    message,
    later,
    isOwnDone: false,
    hasProcessedEarlier: false,
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
    else if (step === 'continue') failure = undefined;
    else if (step === 'overtaken') {
      contentions += 1;
      work.batch.telemetry.overtaken();
    } else return step === 'delete' ? resultOf(work, delivery) : step;
  }
  await work.batch.redelivery.postponeUntried(message, CONTENDED_SECONDS, work.group);
  return 'blocked';
}

/** Reads what the order gate needs, lets it decide, and acts on the decision. */
async function nextStep(work: GroupWork, delivery: Delivery): Promise<Step> {
  const { batch, cursor } = work;
  const { message, isOwnDone } = delivery;
  const sequence = sequenceOf(message);
  const from = await cursor.current(sequence, Date.parse(message.event.time) as EpochMs);
  if (isOwnDone && sequence <= from.processed) return drain(work, from, message);
  const isPaused = from.paused !== undefined;
  const blocker = isPaused ? undefined : await untakenBlocker(work, from, sequence);
  const mayBeMissing = !isPaused && (mayMiss(from, sequence) || blocker !== undefined);
  const earlier = mayBeMissing ? await nextInLog(work, from, (blocker?.sequence ?? sequence) - 1) : undefined;
  if (earlier?.kind === 'passed') return passPlaces(work, from, earlier);
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

/** @param earlier the first event before the message's own; undefined if none is missing */
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
      return processPast(work, from, delivery);
    case 'wait':
      batch.telemetry.waitsForEarlier();
      return isRecorded(from, decision.cursor, ownTypes)
        ? 'delete'
        : deleteIfStored(await cursor.store(from, decision.cursor));
    case 'keep':
      return keepWhilePaused(work, message);
    case 'process-earlier':
      delivery.hasProcessedEarlier = true;
      // the order gate decides this only if an earlier event was found
      return processEarlier(work, from, earlier as LoggedEvent, message, decision.how);
    case 'unblock': {
      const step = await cursor.store(from, decision.cursor);
      if (step === 'continue') batch.telemetry.unblocked(group, decision.blocker);
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

/** Whether storing the cursor would change nothing. */
const isRecorded = (from: Cursor, next: Cursor, ownTypes: readonly string[]): boolean =>
  next.seen === from.seen && next.blockedBy === from.blockedBy && hasSeenTypes(from, ownTypes);

/** The blocking event if the group may skip it now: this code does not handle its type. */
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

async function failureStep(work: GroupWork, delivery: Delivery, failure: Failure): Promise<Step> {
  const { step, isResent } = await blockOnFailure(work, delivery.message, failure);
  // the new message replaces this one, even if this code does not handle its event
  if (isResent) delivery.outcome ??= 'delete';
  return step;
}

/** The result of a message when its group can go no further. */
async function resultOf({ batch }: GroupWork, delivery: Delivery): Promise<MessageResult> {
  const { message, outcome } = delivery;
  if (typeof outcome === 'string') return outcome;
  // only code that handles the type takes its event from the log: keep the message until then
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
