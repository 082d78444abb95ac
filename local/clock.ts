import TinyQueue from 'tinyqueue';
import type { EpochMs } from '../lib/shared/time.ts';

/**
 * The time of every local engine. Engines never call `Date.now()` or `setTimeout` themselves, so that a test moves
 * hours in a call instead of sleeping.
 */
export interface EngineClock {
  now(): EpochMs;
  /** Runs `task` once, `delayMs` from now at the earliest; the returned function takes it back. */
  schedule(delayMs: number, task: () => void): CancelTask;
}

export type CancelTask = () => void;

/** Node's timers fire at once when asked to wait longer than this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Entry {
  readonly dueAt: number;
  readonly order: number;
  /** Undefined once taken back: the entry stays queued until it would have been due. */
  task: (() => void) | undefined;
}

/** A clock that runs with the machine's and can be moved ahead. Its timers never keep the process alive. */
export interface MovableClock extends EngineClock {
  /** How far this clock is ahead of the machine's, in milliseconds. */
  offsetMs(): number;
  /** Moves time ahead by `ms` (0 or more); tasks that fall due run in the order of their time. */
  advance(ms: number): void;
  /** Called after each `advance` with the new offset; the Lambda host passes it on to its workers. */
  onAdvance(listener: (offsetMs: number) => void): void;
}

export function createMovableClock(machineNow: () => number = Date.now): MovableClock {
  let offset = 0;
  let scheduled = 0;
  let timer: NodeJS.Timeout | undefined;
  let armedFor = Number.POSITIVE_INFINITY;
  const queue = new TinyQueue<Entry>([], (a, b) => a.dueAt - b.dueAt || a.order - b.order);
  const listeners: ((offsetMs: number) => void)[] = [];
  const now = () => (machineNow() + offset) as EpochMs;

  const arm = () => {
    while (queue.peek()?.task === undefined && queue.length > 0) queue.pop();
    const dueAt = queue.peek()?.dueAt ?? Number.POSITIVE_INFINITY;
    if (dueAt === armedFor) return;
    clearTimeout(timer);
    armedFor = dueAt;
    if (dueAt === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(runDue, Math.min(Math.max(dueAt - now(), 0), LONGEST_TIMER_MS));
    timer.unref();
  };

  const runDue = () => {
    armedFor = Number.POSITIVE_INFINITY;
    for (let first = queue.peek(); first !== undefined && first.dueAt <= now(); first = queue.peek()) {
      queue.pop();
      first.task?.();
    }
    arm();
  };

  return {
    now,
    offsetMs: () => offset,
    schedule(delayMs, task) {
      const entry: Entry = { dueAt: now() + Math.max(delayMs, 0), order: scheduled++, task };
      queue.push(entry);
      arm();
      return () => {
        entry.task = undefined;
      };
    },
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`a clock moves ahead only: got ${ms} ms, allowed is 0 or more`);
      offset += ms;
      for (const listener of listeners) listener(offset);
      runDue();
    },
    onAdvance: (listener) => void listeners.push(listener),
  };
}

/** Knows what is scheduled through it. */
export interface DueTimes {
  /** When the first task of those that wait is due; undefined when none waits. */
  nextDueAt(): number | undefined;
}

/** A view of `clock` for those whose tasks are to be told from the tasks of others. */
export function watchSchedule(clock: MovableClock): MovableClock & DueTimes {
  const queue = new TinyQueue<{ readonly dueAt: number; waits: boolean }>([], (a, b) => a.dueAt - b.dueAt);
  const dropDone = () => {
    while (queue.peek()?.waits === false) queue.pop();
  };
  return {
    ...clock,
    schedule(delayMs, task) {
      const entry = { dueAt: clock.now() + Math.max(delayMs, 0), waits: true };
      dropDone();
      queue.push(entry);
      const cancel = clock.schedule(delayMs, () => {
        entry.waits = false;
        task();
      });
      return () => {
        entry.waits = false;
        cancel();
      };
    },
    nextDueAt() {
      dropDone();
      return queue.peek()?.dueAt;
    },
  };
}
