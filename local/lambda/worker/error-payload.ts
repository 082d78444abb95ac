import { isError, memberOf } from '../../../lib/shared/thrown.ts';
import type { ErrorPayload } from './protocol.ts';

/** The runtime's own failures, e.g. `Runtime.HandlerNotFound`; `errorType` is the error's name. */
export class RuntimeError extends Error {
  constructor(errorType: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = errorType;
  }
}

/** What AWS's runtime says of an error with members that it cannot read. */
const UNREADABLE: ErrorPayload = {
  errorType: 'handled',
  errorMessage:
    'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
  trace: [],
};

/** Anything may be thrown; what is no error is described by its type and its text. Never throws. */
export function toErrorPayload(thrown: unknown): ErrorPayload {
  if (!isError(thrown)) return { errorType: typeof thrown, errorMessage: describe(thrown), trace: [] };
  const [name, message, stack = ''] = ['name', 'message', 'stack'].map((member) => memberOf(thrown, member));
  if (typeof name !== 'string' || typeof message !== 'string' || typeof stack !== 'string') return UNREADABLE;
  return { errorType: name, errorMessage: message, trace: stack.split('\n') };
}

/** A promise that nobody caught ends the environment under this name, whatever it was rejected with. */
export const toRejectionPayload = (reason: unknown): ErrorPayload => ({
  ...toErrorPayload(reason),
  errorType: 'Runtime.UnhandledPromiseRejection',
  errorMessage: describe(reason),
});

function describe(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'a value that cannot be turned into text';
  }
}
