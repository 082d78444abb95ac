import type { EventEmitter } from 'node:events';

/** Somebody ended the run. */
export class InterruptedError extends Error {
  /** 128 and the signal's number, as shells count. */
  readonly exitStatus: number;

  constructor(signalName: string, exitStatus: number) {
    super(`interrupted by ${signalName}`);
    this.exitStatus = exitStatus;
  }
}

const EXIT_STATUS: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** npm passes on a Ctrl-C that the terminal has given to us already: within this time it is the same one. */
const SAME_KEY_PRESS_MS = 500;

export interface InterruptionOptions {
  readonly process: Pick<EventEmitter, 'on' | 'off'>;
  readonly now: () => number;
  /** Ends the process at once. */
  readonly kill: (exitStatus: number) => void;
  readonly onFirst: () => void;
}

export interface Interruption extends Disposable {
  /** Aborts with an InterruptedError, or with an error that nobody caught. */
  readonly signal: AbortSignal;
}

/** The first signal asks the run to stop, the second one stops it. */
export function listenForInterruption({ process, now, kill, onFirst }: InterruptionOptions): Interruption {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const onSignal = (name: string) => {
    const exitStatus = EXIT_STATUS[name] ?? 1;
    if (firstAt === undefined) {
      firstAt = now();
      onFirst();
      controller.abort(new InterruptedError(name, exitStatus));
    } else if (now() - firstAt > SAME_KEY_PRESS_MS) {
      kill(exitStatus);
    }
  };
  const onUncaught = (error: unknown) => controller.abort(error);
  const listeners = [
    ...Object.keys(EXIT_STATUS).map((name) => [name, onSignal] as const),
    ['uncaughtException', onUncaught] as const,
    ['unhandledRejection', onUncaught] as const,
  ];
  for (const [name, listener] of listeners) process.on(name, listener);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const [name, listener] of listeners) process.off(name, listener);
    },
  };
}
