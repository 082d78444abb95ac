import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runCommand } from '../synthesis/run-command.ts';
import { objectAt, stringAt } from '../template/json.ts';
import type { Screen } from '../view/screen.ts';

/** Checks the types of a project beside the run, which does not wait for it. */
export interface TypeCheck extends Disposable {
  /** Checks what is saved now; a check under way is given up. */
  check(): void;
}

export interface TypeCheckOptions {
  readonly projectFolder: string;
  /** Gets what speeds up the next check. */
  readonly folder: string;
  readonly screen: Pick<Screen, 'line' | 'warn' | 'paint'>;
}

/** @returns undefined for a project without TypeScript */
export function createTypeCheck({ projectFolder, folder, screen }: TypeCheckOptions): TypeCheck | undefined {
  const compiler = findCompiler(projectFolder);
  if (compiler === undefined) return undefined;
  let current = new AbortController();
  let hadErrors = false;

  const run = async (signal: AbortSignal) => {
    const args = ['--noEmit', '--pretty', 'false', '--incremental', '--tsBuildInfoFile', join(folder, 'types.json')];
    const command = [process.execPath, compiler, ...args] as const;
    const { failure, written } = await runCommand(command, { cwd: projectFolder, env: process.env, signal });
    const errors = written.split('\n').filter((line) => /error TS\d+:/.test(line));
    if (errors.length > 0) screen.warn(screen.paint.warn('red', ['Types do not fit:', ...errors].join('\n')));
    else if (failure !== undefined) screen.warn(`The type check failed, ${failure}: ${written.trim()}`);
    else if (hadErrors) screen.line('Types fit again.');
    hadErrors = errors.length > 0;
  };

  return {
    check() {
      current.abort();
      current = new AbortController();
      const { signal } = current;
      run(signal).catch((error: unknown) => {
        if (!signal.aborted) screen.warn(`The type check failed: ${String(error)}`);
      });
    },
    [Symbol.dispose]: () => current.abort(),
  };
}

/** The project's own. */
function findCompiler(projectFolder: string): string | undefined {
  if (!existsSync(join(projectFolder, 'tsconfig.json'))) return undefined;
  try {
    const path = createRequire(join(projectFolder, 'package.json')).resolve('typescript/package.json');
    const bin = stringAt(objectAt(JSON.parse(readFileSync(path, 'utf8')), 'bin'), 'tsc');
    return bin === undefined ? undefined : join(dirname(path), bin);
  } catch {
    return undefined;
  }
}
