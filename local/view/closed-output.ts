import type { EventEmitter } from 'node:events';

/** What is written to: a terminal, a file, or a pipe whose reader may end first, such as `head`. */
export type ClosableOutput = Pick<EventEmitter, 'on'>;

/**
 * Calls `onClosed` once when nobody reads an output any more; what is written to it from then on is dropped. It holds until
 * the process ends, since the last writes of a process fail after all else is closed.
 */
export function whenOutputCloses(outputs: readonly ClosableOutput[], onClosed: (error: Error) => void): void {
  let isClosed = false;
  for (const output of outputs) {
    output.on('error', (error: Error) => {
      if (!('code' in error) || error.code !== 'EPIPE') throw error;
      if (!isClosed) onClosed(error);
      isClosed = true;
    });
  }
}
