import { InvokeCommand, type LambdaClient, LambdaServiceException } from '@aws-sdk/client-lambda';

/** What the function answered, or why it did not. */
export type CallResult =
  | { readonly kind: 'answered'; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly reason: string };

/** Calls a function; what it or the Lambda API answers with an error is a result, not a rejection. */
export type CallFunction = (functionName: string, payload: unknown, signal: AbortSignal) => Promise<CallResult>;

/** Of a call that died, was throttled or lost its connection; one that was refused stays so. */
const MOST_TRIES = 5;

type Try = CallResult & { readonly isWorthRepeating?: boolean };

/**
 * Invokes as any caller would: over the endpoint, waiting for the answer, and anew where the call came to grief. The
 * shop's commands and queries may be repeated.
 */
export function createFunctionCalls(client: LambdaClient): CallFunction {
  const tryOnce = async (functionName: string, payload: unknown, abortSignal: AbortSignal): Promise<Try> => {
    const command = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(payload) });
    try {
      const { FunctionError, Payload } = await client.send(command, { abortSignal });
      const text = Payload?.transformToString() ?? '';
      if (FunctionError !== undefined) return failureOf(text);
      return { kind: 'answered', answer: text === '' ? undefined : JSON.parse(text) };
    } catch (error) {
      abortSignal.throwIfAborted();
      if (!(error instanceof LambdaServiceException)) throw error;
      return { kind: 'failed', reason: `${error.name}: ${error.message}` };
    }
  };

  return async (functionName, payload, signal) => {
    for (let tries = 1; ; tries++) {
      const { isWorthRepeating = false, ...result } = await tryOnce(functionName, payload, signal);
      if (!isWorthRepeating || tries === MOST_TRIES) return result;
    }
  };
}

/** `{errorType, errorMessage}` is what Lambda makes of a thrown error. */
function failureOf(payload: string): Try {
  const { errorType = 'Error', errorMessage } = JSON.parse(payload) as { errorType?: string; errorMessage?: string };
  return {
    kind: 'failed',
    reason: `${errorType}: ${errorMessage ?? 'without a message'}`,
    isWorthRepeating: !isRefusal(errorType),
  };
}

/** Errors of the outbox that say nothing against the call. */
const PASSING: ReadonlySet<string> = new Set(['OUTBOX_CONTENTION', 'OUTBOX_THROTTLED', 'OUTBOX_UNSETTLED']);

/** The project's own errors are named by their codes; all but those that pass are the function's last word. */
const isRefusal = (errorType: string): boolean => /^[A-Z][A-Z0-9_]+$/.test(errorType) && !PASSING.has(errorType);
