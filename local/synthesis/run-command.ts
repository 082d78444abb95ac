import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Gets what the command writes, as it comes. @default nobody */
  readonly onOutput?: ((text: string) => void) | undefined;
  /** Ends the command with all processes that it started, and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface CommandResult {
  /** How it failed; undefined if it did not. */
  readonly failure: string | undefined;
  /** What it wrote to stdout and stderr. */
  readonly written: string;
}

/**
 * Runs a command to its end.
 * @param command a line for the shell, or a file with its arguments
 */
export async function runCommand(
  command: string | readonly [file: string, ...args: string[]],
  { cwd, env, onOutput, signal }: CommandOptions,
): Promise<CommandResult> {
  signal?.throwIfAborted();
  const options = { cwd, env, detached: HAS_PROCESS_GROUPS } satisfies SpawnOptions;
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  const started =
    typeof command === 'string'
      ? spawn(command, { ...options, stdio, shell: true })
      : spawn(command[0], command.slice(1), { ...options, stdio });
  let written = '';
  for (const stream of [started.stdout, started.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      written += text;
      onOutput?.(text);
    });
  }

  const kill = () => killGroup(started);
  signal?.addEventListener('abort', kill, { once: true });
  process.once('exit', kill);
  const failure = await new Promise<string | undefined>((resolve) => {
    started.once('error', (error) => resolve(error.message));
    started.once('close', (exitCode, killedBy) =>
      resolve(exitCode === 0 ? undefined : `it ended with ${exitCode ?? killedBy}`),
    );
  });
  process.off('exit', kill);
  signal?.removeEventListener('abort', kill);
  signal?.throwIfAborted();
  return { failure, written };
}

/** A command starts the app as a process of its own, which would go on writing into a folder that is to be removed. */
const HAS_PROCESS_GROUPS = process.platform !== 'win32';

function killGroup(started: ChildProcess): void {
  if (started.pid === undefined || started.exitCode !== null) return;
  if (HAS_PROCESS_GROUPS) process.kill(-started.pid, 'SIGKILL');
  else started.kill();
}
