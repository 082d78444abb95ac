import TinyQueue from 'tinyqueue';
import type { Clock, EpochMs } from '../../lib/shared/time.ts';
import type { Random } from '../../local/seeded-random.ts';

/** Virtual time: what is due happens one thing after another, and time jumps to the next. */
export interface Simulation extends Clock {
  readonly random: Random;
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
  /** @returns what takes it back */
  after(delayMs: number, task: () => void): () => void;
  signalAfter(delayMs: number): AbortSignal;
  /** Goes on until nothing is due, or it is stopped. @returns false when that takes more than `maxSteps` */
  runToRest(maxSteps: number): Promise<boolean>;
  /** Nothing happens any more. */
  stop(): void;
}

/** 2026-11-20T06:00:00.000Z */
export const STARTS_AT = 1_795_154_400_000 as EpochMs;

interface Due {
  readonly at: number;
  readonly order: number;
  task: (() => void) | undefined;
}

export function createSimulation(random: Random): Simulation {
  let now: number = STARTS_AT;
  let order = 0;
  let isStopped = false;
  const agenda = new TinyQueue<Due>([], (a, b) => a.at - b.at || a.order - b.order);

  const after = (delayMs: number, task: () => void) => {
    // a clock shows whole milliseconds
    const due: Due = { at: now + Math.max(Math.ceil(delayMs), 0), order: order++, task };
    agenda.push(due);
    return () => {
      due.task = undefined;
    };
  };

  return {
    random,
    now: () => now as EpochMs,
    between: (least, most) => least + Math.floor(random() * (most - least + 1)),
    after,
    signalAfter(delayMs) {
      const controller = new AbortController();
      after(delayMs, () => controller.abort());
      return controller.signal;
    },
    stop() {
      isStopped = true;
    },
    async runToRest(maxSteps) {
      await allSettled();
      for (let steps = 0; steps < maxSteps; ) {
        const due = agenda.pop();
        if (due === undefined || isStopped) return true;
        if (due.task === undefined) continue;
        now = Math.max(now, due.at);
        const { task } = due;
        await atTime(now, task);
        steps += 1;
      }
      return false;
    },
  };
}

/** Every promise that can go on has gone on. */
const allSettled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Does it, and lets every promise go on that can. Powertools asks nobody but `Date` for the time. */
export async function atTime(now: number, work: () => void): Promise<void> {
  const real = Date.now;
  Date.now = () => now;
  try {
    work();
    await allSettled();
  } finally {
    Date.now = real;
  }
}
