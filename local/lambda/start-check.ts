import { Worker } from 'node:worker_threads';
import { withCompileCache } from './compile-cache.ts';
import type { ErrorPayload, LoadedFunction, LoadResult } from './worker/protocol.ts';

/** Loads functions' code; in the package it is compiled. */
const WORKER = import.meta.url.endsWith('.ts') ? './worker/check-starts.ts' : './worker/check-starts.js';

/** More than any code needs on a machine that is not busy. */
const LIMIT_MS = 60_000;

export interface StartCheckOptions {
  readonly functions: readonly LoadedFunction[];
  /** Told of each function whose code cannot be loaded. */
  readonly onFailure: (functionName: string, error: ErrorPayload) => void;
  /** Ends the check. */
  readonly signal: AbortSignal;
}

/**
 * Loads the code of every function once, to tell at the start what would fail at the first event. All are loaded in one
 * thread, where shared code is loaded once; one that fails there is loaded again by itself, as a start would, before it
 * counts as failed.
 */
export async function checkStarts({ functions, onFailure, signal }: StartCheckOptions): Promise<void> {
  const suspects: LoadedFunction[] = [];
  for (let waiting = functions; waiting.length > 0 && !signal.aborted; ) {
    const results = await loadIn(waiting, signal);
    suspects.push(...waiting.filter(({ functionName }) => results.get(functionName)?.error !== undefined));
    // the code of the next one has ended the thread
    const [ending, ...rest] = waiting.filter(({ functionName }) => !results.has(functionName));
    if (ending !== undefined) suspects.push(ending);
    waiting = rest;
  }
  for (const suspect of suspects) {
    if (signal.aborted) return;
    const { functionName } = suspect;
    const result = (await loadIn([suspect], signal)).get(functionName);
    if (signal.aborted || (result !== undefined && result.error === undefined)) continue;
    onFailure(functionName, result?.error ?? ENDED);
  }
}

const ENDED: ErrorPayload = {
  errorType: 'Runtime.ExitError',
  errorMessage: 'its process ends while its code is loaded',
};

/** @returns what is known when the thread ends */
async function loadIn(
  functions: readonly LoadedFunction[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, LoadResult>> {
  const results = new Map<string, LoadResult>();
  const worker = new Worker(new URL(WORKER, import.meta.url), {
    workerData: functions,
    env: withCompileCache({}),
    argv: [],
    execArgv: ['--no-experimental-detect-module', '--no-experimental-require-module'],
    stdout: true,
    stderr: true,
  });
  for (const stream of [worker.stdout, worker.stderr]) stream.resume();
  const end = () => void worker.terminate();
  const limit = setTimeout(() => {
    // what hangs, or a machine that is slow, is left to the first invocation
    for (const { functionName } of functions)
      if (!results.has(functionName)) results.set(functionName, { functionName });
    end();
  }, LIMIT_MS).unref();
  signal.addEventListener('abort', end, { once: true });
  await new Promise<void>((resolve) => {
    worker.on('message', (result: LoadResult) => {
      results.set(result.functionName, result);
      // the code may have left something open
      if (results.size === functions.length) end();
    });
    // an error that nothing caught; the exit follows
    worker.on('error', () => {});
    worker.on('exit', () => resolve());
  });
  clearTimeout(limit);
  signal.removeEventListener('abort', end);
  return results;
}
