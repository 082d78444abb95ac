import type { ErrorPayload } from './worker/protocol.ts';

/** A function whose code could not be loaded when an execution environment started. */
export interface StartFailure {
  readonly functionName: string;
  readonly error: ErrorPayload;
}

export interface StartFailures {
  /** Of the functions whose last start failed. */
  list(): readonly StartFailure[];
  /** Reports each failure that is unlike the function's last one; the returned function ends that. */
  onNew(listener: (failure: StartFailure) => void): () => void;
}

/** Remembers which functions cannot start. */
export function createStartFailures(): StartFailures & {
  /** @param error undefined after a start that succeeded */
  note(functionName: string, error: ErrorPayload | undefined): void;
} {
  const failures = new Map<string, StartFailure>();
  const listeners = new Set<(failure: StartFailure) => void>();
  return {
    note(functionName, error) {
      if (error === undefined) return void failures.delete(functionName);
      const known = failures.get(functionName)?.error;
      const failure = { functionName, error };
      failures.set(functionName, failure);
      if (known?.errorType === error.errorType && known.errorMessage === error.errorMessage) return;
      for (const listener of listeners) listener(failure);
    },
    list: () => [...failures.values()],
    onNew(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
