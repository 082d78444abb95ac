import { types } from 'node:util';
import type { ErrorPayload } from './protocol.ts';

/** The runtime's own failures, e.g. `Runtime.HandlerNotFound`; `errorType` is the error's name. */
export class RuntimeError extends Error {
  constructor(errorType: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = errorType;
  }
}

/** Anything may be thrown; what is no error is described by its type and its text. */
export function toErrorPayload(thrown: unknown): ErrorPayload {
  if (isError(thrown)) {
    return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') };
  }
  return { errorType: typeof thrown, errorMessage: describe(thrown), trace: [] };
}

/** A promise that nobody caught ends the environment under this name, whatever it was rejected with. */
export const toRejectionPayload = (reason: unknown): ErrorPayload => ({
  ...toErrorPayload(reason),
  errorType: 'Runtime.UnhandledPromiseRejection',
  errorMessage: describe(reason),
});

const isError = (thrown: unknown): thrown is Error => types.isNativeError(thrown) || thrown instanceof Error;

function describe(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'a value that cannot be turned into text';
  }
}
