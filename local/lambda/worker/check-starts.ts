import { parentPort, workerData } from 'node:worker_threads';
import { toErrorPayload } from './error-payload.ts';
import { loadHandler } from './load-handler.ts';
import type { LoadedFunction, LoadResult } from './protocol.ts';
import { provideModules } from './provided-modules.ts';

/** Loads the code of functions one after another, each with its own variables; what they share is loaded once. */
async function checkStarts(functions: readonly LoadedFunction[], post: (result: LoadResult) => void): Promise<void> {
  provideModules();
  for (const { functionName, taskRoot, handler, takesCallbacks, variables } of functions) {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, variables);
    try {
      await loadHandler(taskRoot, handler, takesCallbacks);
      post({ functionName });
    } catch (error) {
      post({ functionName, error: toErrorPayload(error) });
    }
  }
}

const port = parentPort;
if (port === null) throw new Error('this file is the entry of a worker thread');
await checkStarts(workerData as readonly LoadedFunction[], (result) => port.postMessage(result));
