import { setTimeout } from 'node:timers/promises';
import type { LocalRun } from './run.ts';

/** What time is driven by: a run, as far as it tells what it waits for. */
export type DrivenRun = Pick<LocalRun, 'unsettled' | 'clock' | 'nextDueAt'> & {
  readonly lambda: Pick<LocalRun['lambda'], 'activity' | 'waitingForTime'>;
  readonly scheduler: Pick<LocalRun['scheduler'], 'pendingTimers'>;
};

export interface DriveTimeOptions {
  /** Ends it with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Real time between two looks; an idle run is looked at `5` times before its time moves. @default 20 */
  readonly lookEveryMs?: number;
}

const LOOK_EVERY_MS = 20;

/** A message between two owners (deleted here, not yet sent there) must not look like one that waits for time. */
const LOOKS_BEFORE_TIME_MOVES = 5;

/** After a move that woke nobody; a look costs nothing, and visibility timeouts span many moves. */
const LOOKS_BETWEEN_MOVES = 2;

/** What waits for almost the same time is woken together, instead of one by one. */
const LEAST_MOVE_MS = 15_000;

/**
 * Settles a run without waiting for its clock: where nothing but time is missing (hidden messages, backoff, a frozen
 * worker's time-out) it moves time to the next task that is due, again and again, until nothing moves any more and every
 * one-time schedule has fired: whoever set it may wait for it. While a function works, time keeps the machine's pace:
 * moving it could end the invocation.
 */
export async function driveTime(run: DrivenRun, options: DriveTimeOptions = {}): Promise<void> {
  const { signal, lookEveryMs = LOOK_EVERY_MS } = options;
  let idleLooks = 0;
  let looksNeeded = LOOKS_BEFORE_TIME_MOVES;

  for (let quietLooks = 0; quietLooks < 2; await setTimeout(lookEveryMs)) {
    signal?.throwIfAborted();
    const isSettled = run.unsettled().length === 0 && run.scheduler.pendingTimers() === 0;
    quietLooks = isSettled ? quietLooks + 1 : 0;
    if (isSettled) continue;
    const isWorking = run.lambda.activity().invocations > run.lambda.waitingForTime();
    if (isWorking) looksNeeded = LOOKS_BEFORE_TIME_MOVES;
    idleLooks = isWorking ? 0 : idleLooks + 1;
    if (idleLooks < looksNeeded) continue;
    idleLooks = 0;
    looksNeeded = LOOKS_BETWEEN_MOVES;
    const dueAt = run.nextDueAt();
    if (dueAt !== undefined) run.clock.advance(Math.max(dueAt - run.clock.now(), LEAST_MOVE_MS));
  }
}
