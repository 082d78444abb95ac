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
