import { addMs, type EpochMs } from '../shared/time.ts';
import type { BatchContext, StrictOrdering } from './batch.ts';
import { fifoUntil, forgottenUntil, strictSince } from './consumer-history.ts';
import { type Cursor, startAt, withSeenTypes } from './cursor.ts';
import { LogHoleError } from './errors.ts';
import { areExpired, firstSince, REREAD_AFTER_MS } from './log-reader.ts';
import type { CursorStore } from './ports.ts';

/** A group's cursor during one execution, which also sees changes by other executions. */
export interface GroupCursor {
  /** The cursor without a read. Undefined if there is none, or if another execution has changed it. */
  latest(): Cursor | undefined;
  /**
   * @param sequence of the current message: a group without a cursor starts there at the latest
   * @param madeAt when its event was created
   * @throws LogHoleError `LOG_HOLE` if a group without a cursor would start after events that the log must hold
   */
  current(sequence: number, madeAt?: EpochMs): Promise<Cursor>;
  /** Stores `next` unless another execution has changed the cursor. */
  store(from: Cursor, next: Cursor): Promise<'continue' | 'overtaken'>;
  /** Records that a transaction has stored `next`. */
  stored(from: Cursor, next: Cursor): 'continue';
  /** Records that another execution has changed the cursor. It is read again before the next use. */
  overtaken(): 'overtaken';
}

/** @param read the cursor that was just read; undefined if there was none */
export function createGroupCursor(
  group: string,
  read: Cursor | undefined,
  deps: GroupStartDeps & { readonly cursors: CursorStore; readonly ownTypes?: readonly string[] | undefined },
): GroupCursor {
  const { cursors } = deps;
  let cursor = read;
  let isOvertaken = false;

  const stored = (from: Cursor, next: Cursor): 'continue' => {
    cursor = { ...next, revision: from.revision + 1 };
    return 'continue';
  };

  const overtaken = (): 'overtaken' => {
    cursor = undefined;
    isOvertaken = true;
    return 'overtaken';
  };

  return {
    latest: () => cursor,
    stored,
    overtaken,

    async current(sequence, madeAt) {
      if (cursor === undefined && isOvertaken) {
        cursor = (await cursors.read([group])).get(group);
      }
      const arrived = { sequence, madeAt };
      cursor =
        cursor === undefined ? await beginGroup(group, arrived, deps) : await resumeGroup(group, cursor, arrived, deps);
      return cursor;
    },

    async store(from, changed) {
      const next = withSeenTypes(from, changed, deps.ownTypes);
      return (await cursors.save(group, from, next)) === 'conflict' ? overtaken() : stored(from, next);
    },
  };
}

export type GroupStartDeps = Pick<StrictOrdering, 'log' | 'sleep' | 'startInstant' | 'history'> &
  Pick<BatchContext, 'clock'> & { readonly telemetry: Pick<BatchContext['telemetry'], 'placesPassed'> };

/** The event of the current message. */
export interface ArrivedEvent {
  readonly sequence: number;
  /** When the event was created, shortly before its commit; undefined if not known. */
  readonly madeAt: EpochMs | undefined;
}

/**
 * Creates the cursor of a group that has none. It starts at the oldest event that is not older than `startFrom` and was
 * certainly not handled; at the latest at the current message, unless that event itself may have been handled.
 * @throws LogHoleError `LOG_HOLE` if it would start after events that the log must hold
 */
export async function beginGroup(group: string, arrived: ArrivedEvent, deps: GroupStartDeps): Promise<Cursor> {
  const history = await deps.history?.();
  const forgotten = history === undefined ? undefined : forgottenUntil(history, deps.clock.now());
  const { sequence } = arrived;
  if (forgotten !== undefined && (await isOlder(group, arrived, forgotten, deps))) {
    deps.telemetry.placesPassed(group, { kind: 'passed', why: 'forgotten', from: sequence, to: sequence }, 0);
    return startAt(sequence + 1);
  }
  const instant = Math.max(await deps.startInstant(), forgotten === undefined ? 0 : forgotten + 1) as EpochMs;
  return resumeGroup(group, startAt(await firstPlace(group, sequence, instant, deps)), arrived, deps);
}

async function firstPlace(
  group: string,
  sequence: number,
  instant: EpochMs,
  deps: Pick<GroupStartDeps, 'log' | 'clock' | 'sleep'>,
): Promise<number> {
  const { log, sleep } = deps;
  for (const delayMs of [0, ...REREAD_AFTER_MS]) {
    if (delayMs > 0) await sleep(delayMs);
    const start = (await firstSince(log, group, instant, sequence))?.sequence ?? sequence;
    if (start === 1) return start;
    // a read during a transaction may show its later event but not its first one
    const before = { from: start - 1, to: start - 1 };
    const [shown] = await log.places(group, before.from, before.to, 1);
    if (shown !== undefined && shown.committedAt >= instant) continue;
    if (shown !== undefined || (await areExpired(deps, group, before))) return start;
  }
  throw new LogHoleError(group, { from: sequence - 1, to: sequence - 1 });
}

/**
 * Updates a cursor whose group may have events after it that were handled while the consumer was `fifo`. Events that
 * the inbox still knows are tried and found to be duplicates. Events that the inbox no longer knows are passed, but not
 * the event that blocks the group: the inbox was already asked for it.
 */
export async function resumeGroup(
  group: string,
  cursor: Cursor,
  arrived: ArrivedEvent,
  deps: GroupStartDeps,
): Promise<Cursor> {
  const history = await deps.history?.();
  if (history === undefined) return cursor;
  const era = strictSince(history);
  if (era === undefined || cursor.strictSince === era) return cursor;
  const { processed, blockedBy: blocker } = cursor;
  const upTo = Math.max(arrived.sequence, cursor.seen);
  const known = blocker !== undefined && blocker.since >= era ? blocker.sequence - 1 : upTo;
  const forgotten = forgottenUntil(history, deps.clock.now(), cursor.strictSince ?? NEVER);
  const passed = Math.min(forgotten === NEVER ? 0 : await passedBy(group, arrived, upTo, forgotten, deps), known);
  let next = cursor;
  if (passed > processed) {
    next = movePast(cursor, passed);
    deps.telemetry.placesPassed(
      group,
      { kind: 'passed', why: 'forgotten', from: processed + 1, to: passed },
      cursor.seen,
    );
  }
  const [after] = await deps.log.places(group, next.processed + 1, upTo, 1);
  const isResumed = after === undefined ? passed >= upTo : after.committedAt > fifoUntil(era);
  return isResumed ? { ...next, strictSince: era } : next;
}

const movePast = (cursor: Cursor, passed: number): Cursor => ({
  ...cursor,
  processed: passed,
  seen: Math.max(cursor.seen, passed),
  blockedBy: cursor.blockedBy !== undefined && cursor.blockedBy.sequence > passed ? cursor.blockedBy : undefined,
});

const NEVER = 0 as EpochMs;

/** The last sequence committed by then, as far as the group is known. */
async function passedBy(
  group: string,
  arrived: ArrivedEvent,
  upTo: number,
  instant: EpochMs,
  deps: Pick<GroupStartDeps, 'log'>,
): Promise<number> {
  const first = await firstSince(deps.log, group, addMs(instant, 1), upTo);
  if (first !== undefined) return first.sequence - 1;
  return (await isOlder(group, arrived, instant, deps)) ? upTo : arrived.sequence - 1;
}

/** Whether the current event was committed by then. An event is created before it is committed. */
async function isOlder(
  group: string,
  { sequence, madeAt }: ArrivedEvent,
  instant: EpochMs,
  { log }: Pick<GroupStartDeps, 'log'>,
): Promise<boolean> {
  if (instant === NEVER || (madeAt !== undefined && madeAt > instant)) return false;
  const [place] = await log.places(group, sequence, sequence, 1);
  return place === undefined ? madeAt !== undefined : place.committedAt <= instant;
}
