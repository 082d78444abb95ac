/** An invocation about to be given to an environment. */
interface InvocationFacts {
  readonly functionName: string;
  /** Counts the function's invocations from 1. */
  readonly number: number;
  readonly requestId: string;
  readonly payload: string;
}

/** `before`: the handler never sees the event; `after`: its effects stay, its result is lost. */
export type Fault = 'crash-before-handler' | 'crash-after-handler';

/** Trouble on demand, for tests of what survives a crash. */
export interface LambdaFaults {
  readonly onInvocation: (invocation: InvocationFacts) => Fault | undefined;
}
