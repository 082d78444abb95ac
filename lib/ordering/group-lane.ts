import { type EventTypeKey, hasCode, type Takes } from '../contracts/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { Cursor, FailureReason, WaitingFor } from './cursor.ts';
import type { LogHoleError } from './errors.ts';
import { createGroupCursor } from './group-cursor.ts';
import type { Alone, Attempt, FailedAttempt, GroupLane, LaneDeps, LaneMessage, Settlement } from './lane.ts';
import {
  type Arrival,
  advance,
  type Carrying,
  canDrain,
  carrying,
  DEFERRED,
  isReleasable,
  judge,
  NO_WORD,
  suspicionOf,
  type WaitingCursor,
  waitFor,
  withSeen,
} from './order-gate.ts';
import { type AwaitedType, isOf, lookBack, takesOrAwaits } from './past-event.ts';
import type { LoggedEvent } from './ports.ts';
import { isTakenByThoseWhoSaw, knowsOf, noteSeenBy, typeMark } from './seen-by.ts';
import { createTakenEvents, type GonePlaces } from './taken-events.ts';

/** How often others may be first while one message is settled; past that it goes back to the queue. */
const MAX_CONTENTIONS = 10;

/** Hidden for a second: whoever was first is then done, or the next receive finds out. */
const CONTENDED_SECONDS = 1;

/** A hole that stays is looked at ever more rarely: after another tenth of the time that the event has waited for it. */
const HOLE_AGE_RATIO = 0.1;
const LONGEST_HOLE_WAIT_SECONDS = 300;

type Unfinished = Extract<Attempt, { readonly kind: 'busy' | 'failed' }>;

/** Where one step has led: to an end, onwards, to a cursor that somebody else had moved, or to a failed event. */
type Step = Settlement | 'onwards' | 'overtaken' | { readonly failed: FailedAttempt };

/** A message on its way through the lane. */
interface Task {
  readonly message: LaneMessage;
  /** What the queue gave after it. */
  readonly behind: readonly LaneMessage[];
  /** Whether it is known what became of its event. */
  isLookedBack: boolean;
  /** Whether it has brought an earlier event along: then the log was read. */
  hasCarried: boolean;
  /** Whether nobody needs the message any more, although this code may not take its event. */
  isDone: boolean;
  /** Why the message has no part in the order of its group. */
  alone: Alone | undefined;
  /** What was decided about the message before it had done all that it can for its group. */
  fate: 'acknowledge' | 'return' | undefined;
}

/**
 * Handles a group's events in sequence order, whatever order their messages come in. The message is a doorbell, the
 * log the truth: what has not arrived is taken from the log, what waits behind a failing event is only noted as seen.
 * What lies in the queue, and later in the DLQ, is always the event at fault.
 * @param known the group's cursor as it was just read; undefined when there was none
 */
export function createGroupLane(group: string, known: Cursor | undefined, deps: LaneDeps): GroupLane {
  const { cursors, bell, clock, limits, observer } = deps;
  const ownTypes = deps.subscribed?.map(typeMark);
  /** Messages of the batch: this code may not take their types. */
  const awaited = new Map<number, AwaitedType>();
  const isWanted = takesOrAwaits(deps.takes, awaited);
  const taken = createTakenEvents(group, { ...deps, takes: isWanted });
  /** The next event to bring, or places that are gone; of what other code has seen, those of its types too. */
  const nextBehind = (from: Cursor, upTo: number) =>
    taken.next(from.processed, upTo, (event) => isTakenByThoseWhoSaw(from, event));
  const { latest, current, store, stored, overtaken } = createGroupCursor(group, known, { ...deps, ownTypes });
  /** The event that has failed, and certainly has a message in the queue: further ones of it would only try it again. */
  let queued: string | undefined;
  /** Events that have had their effect, as this execution knows by itself: another may come for the same place. */
  const settled = new Set<string>();

  const attempt = async (
    from: Cursor,
    sequence: number,
    { source, id, body }: Pick<LoggedEvent, 'source' | 'id' | 'body'>,
  ): Promise<Unfinished | 'onwards' | 'overtaken'> => {
    const next = noteSeenBy(from, advance(from, sequence), ownTypes);
    const result = await deps.attempt(body, cursors.change(group, from, next), from.generation);
    if (result.kind === 'handled' || result.kind === 'duplicate') settled.add(identityOf({ source, id }));
    switch (result.kind) {
      case 'handled':
        return stored(from, next);
      case 'duplicate':
        return store(from, next);
      case 'overtaken':
        return overtaken();
      default:
        return result;
    }
  };

  /** Hides the message; where it is gone, since another execution took it over, the event must not lose its bell. */
  const hide = async ({ receiptHandle, body }: LaneMessage, delaySeconds: number): Promise<void> => {
    if ((await bell.hide(receiptHandle, delaySeconds)) === 'gone') await bell.ring(group, body);
  };

  /**
   * Hides a message that goes back for no fault of its event. On its last receive it is about to get a new one in its
   * place: were it visible before that, SQS would make it a dead letter.
   */
  const hideUntried = (message: LaneMessage, delaySeconds: number): Promise<void> =>
    hide(
      message,
      message.receiveCount < limits.maxReceiveCount
        ? delaySeconds
        : Math.max(delaySeconds, deps.visibilityTimeoutSeconds),
    );

  const hideWhileBusy = async (message: LaneMessage, until: EpochMs): Promise<'blocked'> => {
    await hideUntried(message, Math.max(Math.ceil((until - clock.now()) / 1000), 0) + 1);
    return 'blocked';
  };

  /**
   * Those of `behind` whose messages nobody needs while `message` is tried: the log brings their events again, or they
   * are duplicates. Of an unknown type, and of an event that the cursor went past in vain, the message alone tells.
   */
  const withoutNeed = async (
    from: Cursor,
    message: LaneMessage,
    behind: readonly LaneMessage[],
  ): Promise<readonly LaneMessage[]> => {
    const own = identityOf(message.event);
    const spared: LaneMessage[] = [];
    for (const one of behind.filter(({ event }) => deps.takes(event))) {
      const isAhead = sequenceOf(one) > sequenceOf(message) || identityOf(one.event) === own;
      if (isAhead || settled.has(identityOf(one.event)) || (await isDuplicate(from, one))) spared.push(one);
    }
    return spared;
  };

  const isDuplicate = async (from: Cursor, { event }: LaneMessage): Promise<boolean> => {
    const { kind } = await lookBack(event, from, { ...deps, entryAt: taken.at });
    return kind === 'dealt-with' || kind === 'unverified';
  };

  /** One step of the message's own event: it is its turn. */
  const tryOwn = async (
    from: Cursor,
    message: LaneMessage,
    mark: WaitingCursor | undefined,
    behind: readonly LaneMessage[],
  ): Promise<Step> => {
    let marked = from;
    if (mark !== undefined) {
      const spared = mark.waitingFor.reason.code === NO_WORD.code ? await withoutNeed(from, message, behind) : [];
      await hide(message, deps.visibilityTimeoutSeconds);
      const next = spared.reduce<Cursor>((cursor, one) => withSeen(cursor, sequenceOf(one)), mark);
      if ((await store(from, next)) === 'overtaken') return 'overtaken';
      if (spared.length > 0) await bell.acknowledge(spared.map(({ receiptHandle }) => receiptHandle));
      marked = await current(sequenceOf(message));
    }
    const result = await attempt(marked, sequenceOf(message), { ...message.event, body: message.body });
    if (typeof result === 'string') return result;
    return result.kind === 'busy' ? hideWhileBusy(message, result.until) : { failed: result };
  };

  /** One step of an event from the log that comes before the message's own, or was seen after it. */
  const carry = async (from: Cursor, logged: LoggedEvent, message: LaneMessage, how: Carrying): Promise<Step> => {
    if (!isWanted(logged)) {
      // code that takes it has seen it, and may have deleted its message: a new one tells that code what was gone past
      await bell.ring(group, logged.body);
      return store(from, advance(from, logged.sequence));
    }
    if (how === 'hand-over') return handOver(from, logged, message, { reason: NO_WORD });
    if (deps.timeIsShort()) {
      await bell.ring(group, logged.body);
      return acknowledgeIf(await store(from, withSeen(from, sequenceOf(message))));
    }
    const result = await attempt(from, logged.sequence, logged);
    if (result === 'onwards') observer.drained();
    if (typeof result === 'string') return result;
    return result.kind === 'busy' ? hideWhileBusy(message, result.until) : handOver(from, logged, message, result);
  };

  /** Gives the event a message of its own, and the group the word to wait for it. */
  const handOver = async (
    from: Cursor,
    logged: LoggedEvent,
    message: LaneMessage,
    { reason, isUnreadable = false }: Pick<FailedAttempt, 'reason' | 'isUnreadable'>,
  ): Promise<Step> => {
    // the bell before the mark: a crash between them leaves a bell too many, not a group that waits for nothing
    await bell.ring(group, logged.body);
    const failing = { ...typeOf(logged), sequence: logged.sequence, attempts: 0, reason, permanent: isUnreadable };
    const waiting = withSeen(waitFor(from, failing, limits, clock.now()), sequenceOf(message));
    if ((await store(from, waiting)) === 'overtaken') return 'overtaken';
    if (reason === NO_WORD) return 'acknowledge';
    queued = identityOf(logged);
    await observer.failed(logged.body, waiting);
    return 'acknowledge';
  };

  /** One step through what has been seen and waits in the log, once the message's own event is dealt with. */
  const drain = async (from: Cursor, message: LaneMessage): Promise<Step> => {
    if (!canDrain(from)) return 'acknowledge';
    const next = await nextBehind(from, from.seen);
    if (next === undefined) return store(from, advance(from, from.seen));
    return next.kind === 'gone' ? stepOver(from, next) : carry(from, next, message, carrying(message));
  };

  /** One step past places without an event: counted once, since the cursor remembers it. */
  const stepOver = async (from: Cursor, places: GonePlaces): Promise<'onwards' | 'overtaken'> => {
    const step = await store(from, advance(from, places.to));
    if (step === 'onwards') observer.steppedOver(places, from.seen);
    return step;
  };

  /** What the group waits for, where that can end now and this code does not take it. */
  const untakenBlocker = async ({ waitingFor }: Cursor, sequence: number): Promise<WaitingFor | undefined> => {
    if (!isReleasable(waitingFor, sequence, clock.now())) return undefined;
    const { source, type } = waitingFor;
    if (source !== undefined && type !== undefined) return deps.takes({ source, type }) ? undefined : waitingFor;
    const logged = await taken.at(waitingFor.sequence);
    const isTaken = logged === undefined || (logged.kind === 'event' && deps.takes(logged));
    return isTaken ? undefined : waitingFor;
  };

  /** One step of a message whose event the cursor is past: a duplicate, unless the cursor went past it in vain. */
  const goBack = async (from: Cursor, task: Task): Promise<Step> => {
    const { message } = task;
    if (!task.isLookedBack) {
      task.isLookedBack = true;
      const past = settled.has(identityOf(message.event))
        ? ({ kind: 'dealt-with' } as const)
        : await lookBack(message.event, from, { ...deps, entryAt: taken.at });
      // where its event still has something to come, that decides
      task.isDone = true;
      if (past.kind === 'dealt-with') observer.duplicate(message);
      if (past.kind === 'unverified') observer.duplicate(message, past.why);
      if (past.kind === 'misplaced') task.alone = past;
      if (past.kind === 'unhandled' && !deps.takes(message.event)) task.alone = { kind: 'unknown' };
      else if (past.kind === 'unhandled') {
        // before what waits behind it: it is late enough
        const late = { kind: 'late', generation: from.generation, processed: from.processed } as const;
        task.fate = await deps.settleAlone(message, late);
      }
    }
    return drain(from, message);
  };

  /**
   * Whether the log has another event at the place that the message's event names. It is looked at where it is cheap:
   * where the log is read in any case, and where an event comes again, waits, or is of no known type.
   */
  const findMisplaced = async (from: Cursor, task: Task): Promise<Step | undefined> => {
    const { message } = task;
    const sequence = sequenceOf(message);
    const isWaitedFor = from.waitingFor?.sequence === sequence;
    const isTaken = deps.takes(message.event);
    if (isTaken && message.receiveCount <= 1 && !isWaitedFor && !mayMiss(from, sequence) && !task.hasCarried) {
      return undefined;
    }
    const logged = await taken.at(sequence);
    if (logged === undefined && !isTaken && !isWaitedFor) {
      // no event of the log, and none that this code knows: no group waits for it
      task.alone = { kind: 'unknown' };
      return 'acknowledge';
    }
    if (logged === undefined || isOf(logged, message.event)) return undefined;
    task.alone = { kind: 'misplaced', logged };
    // a message all the same: it tells that the true event has come
    const isNext = logged.kind === 'event' && deps.takes(logged) && !isWaitedFor;
    return isNext ? carry(from, logged, message, carrying(message)) : 'acknowledge';
  };

  const proceed = async (task: Task): Promise<Step> => {
    const { message, behind } = task;
    const sequence = sequenceOf(message);
    const from = await current(sequence, Date.parse(message.event.time) as EpochMs);
    const blocker = await untakenBlocker(from, sequence);
    const isOpen = mayMiss(from, sequence) || blocker !== undefined;
    const missing = isOpen ? await nextBehind(from, (blocker?.sequence ?? sequence) - 1) : undefined;
    if (missing?.kind === 'gone') return stepOver(from, missing);
    const arrival = arrivalOf(message, deps.takes);
    const verdict = judge(from, arrival, missing?.sequence ?? sequence, limits, clock.now(), blocker === undefined);
    if (verdict.kind === 'try' || verdict.kind === 'unknown' || verdict.kind === 'give-up') {
      const misplaced = await findMisplaced(from, task);
      if (misplaced !== undefined) return misplaced;
    }
    switch (verdict.kind) {
      case 'past':
        return goBack(from, task);
      case 'release': {
        const step = await store(from, verdict.cursor);
        if (step === 'onwards') observer.released(verdict.from);
        return step;
      }
      case 'unknown':
        return tryOwn(from, message, undefined, behind);
      case 'behind':
        observer.behind();
        return from.seen >= sequence && knowsOf(from, ownTypes)
          ? 'acknowledge'
          : acknowledgeIf(await store(from, verdict.cursor));
      case 'give-up':
        await hide(message, 0);
        return 'return';
      case 'carry':
        task.hasCarried = true;
        // the verdict names an event that comes before: it was found to be missing
        return carry(from, missing as LoggedEvent, message, verdict.how);
      case 'try': {
        const step = await tryOwn(from, message, verdict.mark, behind);
        if (settled.has(identityOf(message.event))) task.isLookedBack = true;
        return step;
      }
    }
  };

  const noteFailure = async (task: Task, failed: FailedAttempt): Promise<Step> => {
    const { message } = task;
    const { reason, permanent, deferrable } = failed;
    const sequence = sequenceOf(message);
    const from = await current(sequence);
    if (from.processed >= sequence) return 'onwards';
    const hasWaited = message.receiveCount > 1 && from.waitingFor?.sequence === sequence && from.waitingFor.deferred;
    const deferred = deferrable || hasWaited === true;
    if (deferred && !permanent && message.receiveCount >= limits.maxReceiveCount) {
      // where somebody else is first, it is found out anew
      task.isDone = true;
      return startAnew(from, message, reason);
    }
    const failing = {
      ...typeOf(message.event),
      sequence,
      attempts: message.receiveCount,
      reason,
      permanent,
      ...(deferred && DEFERRED),
    };
    const waiting = waitFor(from, failing, limits, clock.now());
    if ((await store(from, waiting)) === 'overtaken') return 'overtaken';
    const isOver = permanent || waiting.waitingFor.state === 'dead';
    await hide(message, isOver ? 0 : deps.backoffSeconds(message.receiveCount, failed));
    queued = identityOf(message.event);
    await observer.failed(message.body, waiting);
    return 'return';
  };

  /** Gives an event that has used up its receives, some of them with waiting, a message with new ones. */
  const startAnew = async (from: Cursor, message: LaneMessage, reason: FailureReason): Promise<Step> => {
    // a crash from here on leaves a bell too many, not a group that waits for nothing
    await bell.ring(group, message.body);
    const failing = {
      ...typeOf(message.event),
      sequence: sequenceOf(message),
      attempts: 0,
      reason,
      permanent: false,
    };
    const waiting = waitFor(from, failing, limits, clock.now());
    if ((await store(from, waiting)) === 'overtaken') return 'overtaken';
    queued = identityOf(message.event);
    await observer.failed(message.body, waiting);
    // at once: with the rest of the batch it might come again, and go to the DLQ
    await bell.acknowledge([message.receiptHandle]);
    observer.renewed(message);
    return 'acknowledge';
  };

  /** The event at hand is not at fault: it comes again as often as it takes. */
  const waitForLog = async (message: LaneMessage, hole: LogHoleError): Promise<'blocked'> => {
    // the last receive waits for nothing: a new message takes its place
    const isFresh = message.receiveCount < Math.min(2, limits.maxReceiveCount - 1);
    const retryAfterSeconds = isFresh ? 0 : holeWaitSeconds(message, clock.now());
    await hideUntried(message, deps.backoffSeconds(message.receiveCount, { retryAfterSeconds, deferrable: false }));
    await observer.missing(message, hole);
    return 'blocked';
  };

  /** What becomes of a message once it has done all that it can for its group. */
  const endOf = async ({ message, isDone, alone, fate }: Task): Promise<Settlement> => {
    if (fate !== undefined) return fate;
    if (alone !== undefined) return deps.settleAlone(message, alone);
    // what waits in the log is taken from there only by code that takes it: until then the message stays
    return isDone || deps.takes(message.event) ? 'acknowledge' : deps.settleAlone(message, { kind: 'unknown' });
  };

  return {
    suspicion: (message) => suspicionOf(latest(), arrivalOf(message, deps.takes)),

    async settle(message, behind = []) {
      if (identityOf(message.event) === queued) return 'acknowledge';
      for (const each of behind) awaited.set(sequenceOf(each), each.event);
      const task: Task = {
        message,
        behind,
        isLookedBack: false,
        hasCarried: false,
        isDone: false,
        alone: undefined,
        fate: undefined,
      };
      let failure: FailedAttempt | undefined;
      for (let contentions = 0; contentions < MAX_CONTENTIONS; ) {
        let step: Step;
        try {
          step = failure === undefined ? await proceed(task) : await noteFailure(task, failure);
        } catch (error) {
          if (hasCode(error, 'LOG_HOLE')) return waitForLog(message, error as LogHoleError);
          throw error;
        }
        if (typeof step === 'object') failure = step.failed;
        else if (step === 'overtaken') {
          contentions += 1;
          observer.overtaken();
        } else if (step === 'onwards') failure = undefined;
        else return step === 'acknowledge' ? endOf(task) : step;
      }
      await hideUntried(message, CONTENDED_SECONDS);
      return 'blocked';
    },
  };
}

const arrivalOf = (message: LaneMessage, takes: Takes): Arrival => ({
  ...typeOf(message.event),
  sequence: sequenceOf(message),
  receiveCount: message.receiveCount,
  isTaken: takes(message.event),
});

const identityOf = ({ source, id }: Pick<LoggedEvent, 'source' | 'id'>): string => JSON.stringify([source, id]);

const typeOf = ({ source, type }: EventTypeKey): EventTypeKey => ({ source, type });

const sequenceOf = ({ event }: LaneMessage): number => Number(event.sequence);

/** By the event's age, since a new message begins its receives anew. */
const holeWaitSeconds = ({ event }: LaneMessage, now: EpochMs): number =>
  Math.min(Math.ceil(((now - Date.parse(event.time)) / 1000) * HOLE_AGE_RATIO), LONGEST_HOLE_WAIT_SECONDS);

const acknowledgeIf = (stored: 'onwards' | 'overtaken'): Step => (stored === 'onwards' ? 'acknowledge' : 'overtaken');

/** Whether an event may be missing between the cursor and the arrival, and nothing is known to hold the group. */
const mayMiss = ({ processed, waitingFor }: Cursor, sequence: number): boolean =>
  sequence > processed + 1 && !(waitingFor !== undefined && sequence >= waitingFor.sequence);
