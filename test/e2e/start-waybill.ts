import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** A command at work in a process of its own. */
export interface Started {
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Its exit status; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Resolves once stdout has it; rejects when the process ends before that. */
  said(pattern: RegExp): Promise<void>;
  /** The same for stderr. */
  warned(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/**
 * Runs the command `waybill` of a repository.
 * @param variables beside those of this process
 */
export const startWaybill = (
  repository: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  workingFolder = repository,
): Started =>
  startProcess(process.execPath, [join(repository, 'cli/main.ts'), ...args], {
    cwd: workingFolder,
    env: { ...process.env, ...variables },
  });

export function startProcess(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Started {
  const child = spawn(command, args, options);
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const wrote = async (text: () => string, pattern: RegExp): Promise<void> => {
    const written = Promise.withResolvers<void>();
    const look = () => void (pattern.test(text()) && written.resolve());
    listeners.add(look);
    look();
    const tooEarly = ended.then((status) => {
      throw new Error(`ended with ${status} before it wrote ${pattern}:\n${stdout}\n${stderr}`);
    });
    await Promise.race([written.promise, tooEarly]);
    listeners.delete(look);
  };
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    said: (pattern) => wrote(() => stdout, pattern),
    warned: (pattern) => wrote(() => stderr, pattern),
    kill: (signal) => void child.kill(signal),
  };
}
