import type { Clock, EpochMs } from './time.ts';

const deadlines = new WeakMap<AbortSignal, EpochMs>();

/** Records when the signal will fire, so that its receiver starts no work that cannot end by then. */
export const noteDeadline = (signal: AbortSignal, deadline: EpochMs): void => void deadlines.set(signal, deadline);

/** Milliseconds until the signal fires, 0 at least; undefined when no deadline was recorded. */
export function remainingMs(signal: AbortSignal, clock: Clock): number | undefined {
  if (signal.aborted) return 0;
  const deadline = deadlines.get(signal);
  return deadline === undefined ? undefined : Math.max(deadline - clock.now(), 0);
}

/**
 * Waits for `work` until the signal fires; the work itself is not cancelled.
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
