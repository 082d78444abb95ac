import type { StreamMappingFaults } from './mappings/stream-faults.ts';

/** An invocation about to be given to an environment. */
export interface InvocationFacts {
  readonly functionName: string;
  /** Counts the function's invocations from 1. */
  readonly number: number;
  readonly requestId: string;
  /** What the SDKs of the function send along with each call: `X-Amzn-Trace-Id`. */
  readonly traceId: string;
  readonly payload: string;
  /** Ends the environment at once, as a lost machine would: at any moment of the invocation. */
  readonly kill: () => void;
  /** From now on nothing of what the worker says is heard, so that the invocation times out. */
  readonly freeze: () => void;
  /**
   * From now on the invocation counts as failed, but its handler goes on to its end; the environment gets no other one.
   */
  readonly replace: () => void;
}

/** An invocation that asks for an environment. */
export interface AdmissionFacts {
  readonly functionName: string;
  readonly payload: string;
}

/** Whose concurrency is used up. */
export type Throttle = 'function' | 'account';

/** `before`: the handler never sees the event; `after`: its effects stay, its result is lost. */
export type Fault = 'crash-before-handler' | 'crash-after-handler';

/** Trouble on demand, for tests of what survives a crash. */
export interface LambdaFaults extends StreamMappingFaults {
  readonly onInvocation: (invocation: InvocationFacts) => Fault | undefined;
  /** Throttles an invocation before it gets an environment. */
  readonly onAdmission?: (asked: AdmissionFacts) => Throttle | undefined;
  /** Called once for each, when its outcome is known. */
  readonly onInvocationEnd?: (requestId: string) => void;
}
