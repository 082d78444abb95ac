import type { EngineClock } from '../clock.ts';

/** Settles when `delayMs` have passed on the run's clock. */
export const waitFor = (clock: EngineClock, delayMs: number): Promise<void> =>
  new Promise((resolve) => void clock.schedule(delayMs, resolve));
