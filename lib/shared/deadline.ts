import type { Clock, EpochMs } from './time.ts';

const deadlines = new WeakMap<AbortSignal, EpochMs>();

/** Notes when the signal will fire, for whoever is handed it and wants to begin nothing that cannot end by then. */
export const noteDeadline = (signal: AbortSignal, deadline: EpochMs): void => void deadlines.set(signal, deadline);

/** Milliseconds until the signal fires, 0 at least; undefined where nobody noted when. */
export function remainingMs(signal: AbortSignal, clock: Clock): number | undefined {
  if (signal.aborted) return 0;
  const deadline = deadlines.get(signal);
  return deadline === undefined ? undefined : Math.max(deadline - clock.now(), 0);
}

/**
 * Waits for `work`, but not longer than the signal allows; what outlives the signal is left alone.
 * @throws what `expired` makes, once the signal has fired
 */
export async function inTime(work: Promise<void>, signal: AbortSignal, expired: () => Error): Promise<void> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(expired());
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    await Promise.race([work, over]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
