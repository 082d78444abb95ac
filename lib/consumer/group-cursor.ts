import { addMs, type EpochMs } from '../shared/time.ts';
import type { BatchContext, StrictOrdering } from './batch.ts';
import { fifoUntil, forgottenUntil, strictSince } from './consumer-history.ts';
import { type Cursor, startAt, withSeenTypes } from './cursor.ts';
import { LogHoleError } from './errors.ts';
import { areExpired, firstSince, REREAD_AFTER_MS } from './log-reader.ts';
import type { CursorStore } from './ports.ts';

/** A group's cursor, as one execution knows it between its own changes and those of others. */
export interface GroupCursor {
  /** What is known of it without a call; undefined where there is none, or somebody else has moved it. */
  latest(): Cursor | undefined;
  /**
   * @param sequence of the message at hand: a group without a cursor begins no later
   * @param madeAt when its event was made
   * @throws LogHoleError `LOG_HOLE` when a group without a cursor would begin behind events that the log must hold
   */
  current(sequence: number, madeAt?: EpochMs): Promise<Cursor>;
  /** Stores `next`, unless somebody else was first. */
  store(from: Cursor, next: Cursor): Promise<'onwards' | 'overtaken'>;
  /** A transaction has stored `next`. */
  stored(from: Cursor, next: Cursor): 'onwards';
  /** Somebody else has moved the cursor: it is read again before it is used. */
  overtaken(): 'overtaken';
}

/** @param read the cursor as it was just read; undefined when there was none */
export function createGroupCursor(
  group: string,
  read: Cursor | undefined,
  deps: GroupStartDeps & { readonly cursors: CursorStore; readonly ownTypes?: readonly string[] | undefined },
): GroupCursor {
  const { cursors } = deps;
  let cursor = read;
  let isOvertaken = false;

  const stored = (from: Cursor, next: Cursor): 'onwards' => {
    cursor = { ...next, revision: from.revision + 1 };
    return 'onwards';
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

/** The message at hand. */
export interface ArrivedEvent {
  readonly sequence: number;
  /** When it was made, a moment before its commit; undefined where that is not at hand. */
  readonly madeAt: EpochMs | undefined;
}

/**
 * The cursor of a group that has none: at the oldest event that is not older than `startFrom`, and of which it is
 * certain that it was not handled; no later than the message at hand, unless that may have been handled itself.
 * @throws LogHoleError `LOG_HOLE` when it would begin behind events that the log must hold
 */
export async function beginGroup(group: string, arrived: ArrivedEvent, deps: GroupStartDeps): Promise<Cursor> {
  const history = await deps.history?.();
  const forgotten = history === undefined ? undefined : forgottenUntil(history, deps.clock.now());
  const { sequence } = arrived;
  if (forgotten !== undefined && (await isOlder(group, arrived, forgotten, deps))) {
    deps.telemetry.placesPassed(group, { kind: 'gone', why: 'forgotten', from: sequence, to: sequence }, 0);
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
    // a read beside a transaction may show its later event and miss its first
    const before = { from: start - 1, to: start - 1 };
    const [shown] = await log.places(group, before.from, before.to, 1);
    if (shown !== undefined && shown.committedAt >= instant) continue;
    if (shown !== undefined || (await areExpired(deps, group, before))) return start;
  }
  throw new LogHoleError(group, { from: sequence - 1, to: sequence - 1 });
}

/**
 * A cursor whose group may hold events behind it that were handled while the consumer was `fifo`. As long as the inbox
 * knows of them they are tried, and found to be duplicates; what it has forgotten the cursor goes past. Not past the
 * event that the group waits for: the inbox was asked for it.
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
    next = past(cursor, passed);
    deps.telemetry.placesPassed(
      group,
      { kind: 'gone', why: 'forgotten', from: processed + 1, to: passed },
      cursor.seen,
    );
  }
  const [behind] = await deps.log.places(group, next.processed + 1, upTo, 1);
  const isOver = behind === undefined ? passed >= upTo : behind.committedAt > fifoUntil(era);
  return isOver ? { ...next, strictSince: era } : next;
}

const past = (cursor: Cursor, passed: number): Cursor => ({
  ...cursor,
  processed: passed,
  seen: Math.max(cursor.seen, passed),
  blockedBy: cursor.blockedBy !== undefined && cursor.blockedBy.sequence > passed ? cursor.blockedBy : undefined,
});

const NEVER = 0 as EpochMs;

/** The last sequence of those that were committed by then, as far as the group is known of. */
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

/** Whether the event at hand was committed by then. An event is made before it is committed. */
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
