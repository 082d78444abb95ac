import { addMs, type EpochMs } from '../shared/time.ts';
import { type ConsumerHistory, forgottenUntil, strictSince } from './consumer-history.ts';
import { REREAD_AFTER_MS } from './contiguous-log.ts';
import { type Cursor, startAt } from './cursor.ts';
import { LogHoleError } from './errors.ts';
import { areExpired } from './expired-places.ts';
import { firstSince } from './first-since.ts';
import type { LaneDeps } from './lane.ts';

export type GroupStartDeps = Pick<LaneDeps, 'log' | 'clock' | 'sleep' | 'startInstant' | 'history' | 'observer'>;

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
    deps.observer.steppedOver({ kind: 'gone', why: 'forgotten', from: sequence, to: sequence }, 0);
    return ofEra(startAt(sequence + 1), history);
  }
  const instant = Math.max(await deps.startInstant(), forgotten === undefined ? 0 : forgotten + 1) as EpochMs;
  return ofEra(startAt(await firstPlace(group, sequence, instant, deps)), history);
}

async function firstPlace(
  group: string,
  sequence: number,
  instant: EpochMs,
  deps: Pick<LaneDeps, 'log' | 'clock' | 'sleep'>,
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
 * A cursor that was last written before the consumer was `fifo` for a while: what was handled meanwhile, and is
 * forgotten, lies behind it.
 */
export async function resumeGroup(
  group: string,
  cursor: Cursor,
  arrived: ArrivedEvent,
  deps: GroupStartDeps,
): Promise<Cursor> {
  const history = await deps.history?.();
  if (history === undefined || cursor.strictSince === strictSince(history)) return cursor;
  const forgotten = forgottenUntil(history, deps.clock.now(), cursor.strictSince ?? NEVER);
  const passed = forgotten === NEVER ? 0 : await passedBy(group, arrived, forgotten, deps);
  if (passed <= cursor.processed) return ofEra(cursor, history);
  deps.observer.steppedOver({ kind: 'gone', why: 'forgotten', from: cursor.processed + 1, to: passed }, cursor.seen);
  const waits = cursor.waitingFor !== undefined && cursor.waitingFor.sequence > passed;
  return ofEra(
    {
      ...cursor,
      processed: passed,
      seen: Math.max(cursor.seen, passed),
      waitingFor: waits ? cursor.waitingFor : undefined,
    },
    history,
  );
}

const NEVER = 0 as EpochMs;

/** The last sequence up to the message at hand that was committed by then. */
async function passedBy(
  group: string,
  arrived: ArrivedEvent,
  instant: EpochMs,
  deps: Pick<LaneDeps, 'log'>,
): Promise<number> {
  const first = await firstSince(deps.log, group, addMs(instant, 1), arrived.sequence);
  if (first !== undefined) return first.sequence - 1;
  return (await isOlder(group, arrived, instant, deps)) ? arrived.sequence : arrived.sequence - 1;
}

/** Whether the event at hand was committed by then. An event is made before it is committed. */
async function isOlder(
  group: string,
  { sequence, madeAt }: ArrivedEvent,
  instant: EpochMs,
  { log }: Pick<LaneDeps, 'log'>,
): Promise<boolean> {
  if (instant === NEVER || (madeAt !== undefined && madeAt > instant)) return false;
  const [place] = await log.places(group, sequence, sequence, 1);
  return place === undefined ? madeAt !== undefined : place.committedAt <= instant;
}

function ofEra(cursor: Cursor, history: ConsumerHistory | undefined): Cursor {
  const era = history && strictSince(history);
  return era === undefined ? cursor : { ...cursor, strictSince: era };
}
