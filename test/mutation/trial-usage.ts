/** What a trial has used of the machine. What else runs on it adds nothing. */
export interface Usage {
  /** Time of the processor, in milliseconds. */
  readonly busyMs: number;
  /** Time in which the process waited with nothing to do, in milliseconds. */
  readonly idleMs: number;
}

/** A mutant that has survived so much of costly tests, or of tests elsewhere, survives. */
const MOST_MS_PER_MUTANT = 6_000;

/** Tests of the mutant's own folder that cost less are tried in any case. */
const CHEAP_MS = 200;

/** A test may take so many times as much as without a mutant, and so much in any case. */
const SLOWER = 6;
const LEAST_BUSY_MS = 5_000;
const LEAST_IDLE_MS = 5_000;

// kept from tests that stop the time
const cpuUsage = process.cpuUsage.bind(process);
const loopUsage = performance.eventLoopUtilization.bind(performance);

/** What this process has used so far. */
export function usageNow(): Usage {
  const { user, system } = cpuUsage();
  return { busyMs: (user + system) / 1000, idleMs: loopUsage().idle };
}

export const since = (before: Usage, now: Usage = usageNow()): Usage => ({
  busyMs: now.busyMs - before.busyMs,
  idleMs: now.idleMs - before.idleMs,
});

/** Whether a trial goes on in circles, or waits in vain. */
export const isOver = (used: Usage, without: Usage): boolean =>
  used.busyMs > Math.max(LEAST_BUSY_MS, without.busyMs * SLOWER) ||
  used.idleMs > Math.max(LEAST_IDLE_MS, without.idleMs * SLOWER);

/** What surviving a test takes from the time that a mutant may survive. */
export const priceOf = ({ busyMs, idleMs }: Usage, isNear: boolean): number =>
  isNear && busyMs + idleMs < CHEAP_MS ? 0 : busyMs + idleMs;

/** Whether a test is still tried with a mutant. */
export const isWorthTrying = (spentMs: number, without: Usage, isNear: boolean): boolean =>
  priceOf(without, isNear) === 0 || spentMs <= MOST_MS_PER_MUTANT;
