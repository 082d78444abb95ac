import type { EngineClock } from '../../../../local/clock.ts';

/** Waits on a clock. @throws the signal's reason */
export const waitOn =
  (clock: Pick<EngineClock, 'schedule'>) =>
  (delayMs: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const stop = () => {
        cancel();
        reject(signal.reason);
      };
      const cancel = clock.schedule(delayMs, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
