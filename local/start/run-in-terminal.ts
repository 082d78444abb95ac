import { whenOutputCloses } from '../view/closed-output.ts';
import { createScreen, type Screen } from '../view/screen.ts';
import { describeError } from './describe-error.ts';
import { InterruptedError, listenForInterruption } from './interruption.ts';
import type { LogOptions } from './run-logs.ts';
import { UsageError } from './usage-error.ts';

/** What a command line asks for. */
export type TerminalCommand<Options> = { readonly kind: 'help' } | { readonly kind: 'run'; readonly options: Options };

interface OutputOptions extends Pick<LogOptions, 'verbose' | 'jsonLogs'> {
  /** Whether stdout is for one line of JSON only. @default false */
  readonly json?: boolean;
}

export interface TerminalRun<Options extends OutputOptions> {
  /** @throws UsageError for a wrong command line */
  readonly read: () => TerminalCommand<Options>;
  readonly help: () => string;
  /** @returns the exit status. MUST end soon after the signal is aborted, with everything closed that it opened. */
  readonly run: (options: Options, screen: Screen, signal: AbortSignal) => Promise<number>;
}

const EXIT = { success: 0, trouble: 1, usage: 2 } as const;

/**
 * Runs a command from its command line to its exit status. The first Ctrl-C stops it, the second one ends the process at once.
 * @returns what `run` gives; 1 when it fails or nobody reads its output any more, 2 for a UsageError, 128 and the signal's number when it is interrupted
 */
export async function runInTerminal<Options extends OutputOptions>({
  read,
  help,
  run,
}: TerminalRun<Options>): Promise<number> {
  const { stdout, stderr, env } = process;
  const unread = new AbortController();
  whenOutputCloses([stdout, stderr], (error) => unread.abort(error));
  let command: TerminalCommand<Options>;
  try {
    command = read();
  } catch (error) {
    return refuse(error);
  }
  if (command.kind === 'help') {
    stdout.write(help());
    return EXIT.success;
  }

  const { options } = command;
  const { json = false } = options;
  const screen = createScreen({
    out: json || options.jsonLogs ? stderr : stdout,
    err: stderr,
    logs: json ? stderr : stdout,
    terminalType: env['TERM'],
    noColor: env['NO_COLOR'],
  });
  using interruption = listenForInterruption({
    process,
    now: () => performance.now(),
    kill: (exitStatus) => process.exit(exitStatus),
    onFirst: () => screen.line('Stopping … (once more to stop at once)'),
  });
  const signal = AbortSignal.any([interruption.signal, unread.signal]);
  try {
    return await run(options, screen, signal);
  } catch (error) {
    const cause = signal.aborted ? signal.reason : error;
    if (cause instanceof InterruptedError) {
      screen.line('Stopped.');
      return cause.exitStatus;
    }
    if (cause instanceof UsageError) return refuse(cause);
    screen.warn(describeError(cause, options));
    return EXIT.trouble;
  }
}

/** Rejects with the signal's reason, once it is aborted. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function refuse(error: unknown): number {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  return EXIT.usage;
}
