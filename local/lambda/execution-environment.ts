import { Worker } from 'node:worker_threads';
import type { EngineClock } from '../clock.ts';
import { withCompileCache } from './compile-cache.ts';
import { exited, outOfMemory, timedOut } from './invocation.ts';
import { createLineBuffer } from './line-buffer.ts';
import type { ErrorPayload, InvokeMessage, WorkerMessage, WorkerSettings } from './worker/protocol.ts';

export interface EnvironmentOptions {
  readonly clock: EngineClock;
  readonly settings: Omit<WorkerSettings, 'turns'>;
  readonly variables: Record<string, string>;
  readonly timeoutSeconds: number;
  readonly onLine: (line: string) => void;
  /** Called once the code is loaded, or could not be; not if the environment was killed before. */
  readonly onStart: (error: ErrorPayload | undefined) => void;
}

export type Outcome =
  | { readonly kind: 'returned'; readonly payload: string }
  | { readonly kind: 'failed'; readonly error: ErrorPayload };

/** What a worker is told of an invocation, but for its deadline. */
type Invocation = Omit<InvokeMessage, 'deadline'>;

/** One worker with the function's code in it, from its cold start to its end. */
export interface ExecutionEnvironment {
  /** One at a time. Never rejects: time-outs and crashes are outcomes too. */
  invoke(invocation: Invocation): Promise<Outcome>;
  /** False after a time-out, a crash, or an initialisation that failed. */
  isAlive(): boolean;
  /** From now on the worker is not heard, so that its invocation times out. */
  freeze(): void;
  isFrozen(): boolean;
  /** Ends the worker as a lost machine would, in whatever it does; settles when the thread is gone. */
  kill(): Promise<void>;
}

/** Runs a function's code; in the package it is compiled. */
const WORKER = import.meta.url.endsWith('.ts') ? './worker/main.ts' : './worker/main.js';

/** What an initialisation may take before it is counted against the first invocation's own time. */
const INIT_LIMIT_MS = 10_000;

/**
 * A start that has used this much processor since its last deadline still loads its code: on a machine with more work than processors it
 * may take minutes, while one that hangs uses none. It gets as many deadlines more.
 */
const STILL_LOADING_MS = 20;
const MOST_DEADLINES_OF_A_START = 5;

const YOUNG_GENERATION_MB = 8;

/** How an environment ended; the request id of the invocation that it took along comes in later. */
type Ending = (requestId: string) => ErrorPayload;

type Reply = Exclude<WorkerMessage, { readonly kind: 'output' | 'fatal' }> | { readonly kind: 'died' };

export function startEnvironment(options: EnvironmentOptions): ExecutionEnvironment {
  const { clock, settings, variables, timeoutSeconds, onLine, onStart } = options;
  let ending: Ending | undefined;
  let terminated: Promise<unknown> = Promise.resolve();
  let frozen = false;
  let killed = false;
  let settle: ((reply: Reply) => void) | undefined;
  const nextReply = () =>
    new Promise<Reply>((resolve) => {
      settle = resolve;
    });
  const answer = (reply: Reply) => {
    lines.flush();
    settle?.(reply);
    settle = undefined;
  };
  const end = (how: Ending) => {
    if (ending !== undefined) return;
    ending = how;
    terminated = worker.terminate();
    answer({ kind: 'died' });
  };

  const turns = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const thaw = () => {
    Atomics.add(turns, 0, 1);
    Atomics.notify(turns, 0);
  };

  const lines = createLineBuffer(onLine);
  const worker = new Worker(new URL(WORKER, import.meta.url), {
    name: settings.functionName,
    workerData: { ...settings, turns: turns.buffer } satisfies WorkerSettings,
    env: withCompileCache(variables),
    argv: [],
    // the same switches as in Lambda's runtime: a module's kind is said by its name or its package.json
    execArgv: ['--no-experimental-detect-module', '--no-experimental-require-module'],
    // V8 would give each thread a young generation that is larger than what most functions ever hold
    resourceLimits: { maxOldGenerationSizeMb: settings.memoryMb, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    stdout: true,
    stderr: true,
  });
  // what is written before the runtime took the streams over, and V8's own reports
  for (const stream of [worker.stdout, worker.stderr]) stream.setEncoding('utf8').on('data', lines.add);
  worker.on('message', (message: WorkerMessage) => {
    if (frozen) return;
    if (message.kind === 'output') lines.add(message.text);
    else if (message.kind === 'fatal') end(() => message.error);
    else answer(message);
  });
  worker.on('error', (error: Error & { code?: string }) =>
    end(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? outOfMemory : (id) => exited(id, error.message)),
  );
  worker.on('exit', (status) => end((id) => exited(id, status === 0 ? undefined : `exit status ${status}`)));

  const endLate = () => end((id) => timedOut(id, timeoutSeconds));

  /** Ends the environment unless `reply` comes in time. */
  const within = async (ms: number, reply: Promise<Reply>): Promise<Reply> => {
    const cancel = clock.schedule(ms, endLate);
    try {
      return await reply;
    } finally {
      cancel();
    }
  };

  /** The same for the start. */
  const startedWithin = async (ms: number, reply: Promise<Reply>): Promise<Reply> => {
    let usedMs = 0;
    let deadlines = 0;
    let isOver = false;
    let cancel = () => {};
    const goOn = () => {
      cancel = clock.schedule(ms, () => void lookAgain());
    };
    const lookAgain = async () => {
      // nobody would hear that it is up
      if (frozen) return endLate();
      const nowUsedMs = await cpuMsOf(worker);
      if (isOver) return;
      const isLoading = nowUsedMs === undefined || (nowUsedMs - usedMs >= STILL_LOADING_MS && nowUsedMs < ms);
      if (!isLoading || ++deadlines >= MOST_DEADLINES_OF_A_START) return endLate();
      usedMs = nowUsedMs ?? usedMs;
      goOn();
    };
    goOn();
    try {
      return await reply;
    } finally {
      isOver = true;
      cancel();
    }
  };

  const initialised = startedWithin(INIT_LIMIT_MS + timeoutSeconds * 1000, nextReply()).then((reply) => {
    if (reply.kind === 'init-failed') end(() => reply.error);
    if (!killed) onStart(ending?.('of the start'));
    return ending === undefined;
  });
  const lost = (requestId: string): Outcome => ({
    kind: 'failed',
    error: ending?.(requestId) ?? exited(requestId, 'signal: killed'),
  });

  return {
    async invoke(invocation) {
      const { requestId } = invocation;
      if (!(await initialised)) return lost(requestId);
      const timeoutMs = timeoutSeconds * 1000;
      const reply = nextReply();
      const deadline = clock.now() + timeoutMs;
      thaw();
      worker.postMessage({ ...invocation, deadline } satisfies InvokeMessage);
      const result = await within(timeoutMs, reply);
      if (result.kind === 'result') return { kind: 'returned', payload: result.payload };
      return result.kind === 'failed' ? { kind: 'failed', error: result.error } : lost(requestId);
    },
    isAlive: () => ending === undefined,
    freeze() {
      frozen = true;
    },
    isFrozen: () => frozen && ending === undefined,
    async kill() {
      killed = true;
      end((id) => exited(id, 'signal: killed'));
      await terminated;
    },
  };
}

/** Processor time of the thread; undefined if it is not up yet. 0 on a Node.js before 24.6, which does not tell. */
async function cpuMsOf(worker: Partial<Pick<Worker, 'cpuUsage'>>): Promise<number | undefined> {
  if (worker.cpuUsage === undefined) return 0;
  try {
    const { user, system } = await worker.cpuUsage();
    return (user + system) / 1000;
  } catch {
    return undefined;
  }
}
