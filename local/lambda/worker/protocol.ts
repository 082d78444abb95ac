/** Names the folder in which Node keeps compiled code; a worker gets it from the host, and its function does not see it. */
export const COMPILE_CACHE_VARIABLE = 'NODE_COMPILE_CACHE';

/** What a handler's failure looks like to whoever invoked it. */
export interface ErrorPayload {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** What an execution environment's worker is started with. */
export interface WorkerSettings {
  readonly taskRoot: string;
  readonly handler: string;
  /** Whether its runtime has callback handlers. */
  readonly takesCallbacks: boolean;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly memoryMb: number;
  readonly logGroup: string;
  readonly logStream: string;
  /** One BigInt64: by how many milliseconds the run's clock is ahead of the machine's. */
  readonly clockOffset: SharedArrayBuffer;
  /** One Int32: counts the invocations. After each the thread stands still until the next one. */
  readonly turns: SharedArrayBuffer;
}

/** Host to worker: one invocation; the next one follows the answer to this one. */
export interface InvokeMessage {
  readonly requestId: string;
  readonly payload: string;
  /** Milliseconds since the epoch on the run's clock. */
  readonly deadline: number;
  readonly traceId: string;
  /** With the qualifier that the invoker named. */
  readonly invokedFunctionArn: string;
}

/**
 * Worker to host. `ready` or `init-failed` comes once, then one `result` or `failed` per invocation; `fatal` at any
 * time says that nothing more will come. Output travels on the same channel, so that it cannot overtake a result.
 */
export type WorkerMessage =
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'init-failed'; readonly error: ErrorPayload }
  | { readonly kind: 'result'; readonly payload: string }
  | { readonly kind: 'failed'; readonly error: ErrorPayload }
  | { readonly kind: 'fatal'; readonly error: ErrorPayload };

/** A function whose code is loaded to see whether it can be. */
export interface LoadedFunction {
  readonly functionName: string;
  readonly taskRoot: string;
  readonly handler: string;
  readonly takesCallbacks: boolean;
  readonly variables: Readonly<Record<string, string>>;
}

/** Of one function. */
export interface LoadResult {
  readonly functionName: string;
  /** Absent if the code can be loaded. */
  readonly error?: ErrorPayload;
}
