import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { followClock } from './clock-date.ts';
import { toErrorPayload, toRejectionPayload } from './error-payload.ts';
import { type Handler, loadHandler } from './load-handler.ts';
import {
  COMPILE_CACHE_VARIABLE,
  type ErrorPayload,
  type InvokeMessage,
  type WorkerMessage,
  type WorkerSettings,
} from './protocol.ts';
import { provideModules } from './provided-modules.ts';

/** The runtime of one execution environment: the first thing that its worker runs. */
function run(port: MessagePort, settings: WorkerSettings): void {
  // Node has read it; functions have no such variable in Lambda
  delete process.env[COMPILE_CACHE_VARIABLE];
  const post = (message: WorkerMessage) => port.postMessage(message);
  const turns = new Int32Array(settings.turns);
  followClock(new BigInt64Array(settings.clockOffset));
  sendOutputTo((text) => post({ kind: 'output', text }));
  process.on('uncaughtException', (error) => die(post, toErrorPayload(error)));
  process.on('unhandledRejection', (reason) => die(post, toRejectionPayload(reason)));
  provideModules();
  const loading = loadHandler(settings.taskRoot, settings.handler, settings.takesCallbacks);
  // listens from the start: a thread that waits for nothing exits, even while a module loads
  port.on('message', async (message: InvokeMessage) => {
    const turn = Atomics.load(turns, 0);
    post(await invoke(await loading, message, settings));
    // frozen: no timer, no socket and no promise gets on before the next invocation
    Atomics.wait(turns, 0, turn);
  });
  loading.then(
    () => post({ kind: 'ready' }),
    (error: unknown) => post({ kind: 'init-failed', error: toErrorPayload(error) }),
  );
}

async function invoke(handler: Handler, message: InvokeMessage, settings: WorkerSettings): Promise<WorkerMessage> {
  process.env['_X_AMZN_TRACE_ID'] = message.traceId;
  try {
    const result = await handler(JSON.parse(message.payload), createContext(message, settings));
    return { kind: 'result', payload: JSON.stringify(result ?? null) ?? 'null' };
  } catch (error) {
    return { kind: 'failed', error: toErrorPayload(error) };
  }
}

const createContext = ({ requestId, deadline, invokedFunctionArn }: InvokeMessage, settings: WorkerSettings) => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: settings.functionName,
  functionVersion: settings.functionVersion,
  invokedFunctionArn,
  memoryLimitInMB: String(settings.memoryMb),
  awsRequestId: requestId,
  logGroupName: settings.logGroup,
  logStreamName: settings.logStream,
  getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
});

/** A worker's own streams go through another channel and may arrive after the result. */
function sendOutputTo(send: (text: string) => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
      send(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const callback = typeof encoding === 'function' ? encoding : done;
      if (typeof callback === 'function') queueMicrotask(() => callback());
      return true;
    };
  }
}

function die(post: (message: WorkerMessage) => void, error: ErrorPayload): void {
  post({ kind: 'fatal', error });
  process.exit(1);
}

if (parentPort === null) throw new Error('this file is the entry of a worker thread; createLambda starts it');
run(parentPort, workerData as WorkerSettings);
