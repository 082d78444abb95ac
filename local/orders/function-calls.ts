import { InvokeCommand, type LambdaClient, LambdaServiceException } from '@aws-sdk/client-lambda';

/** What the function answered, or why it did not. */
export type CallResult =
  | { readonly kind: 'answered'; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly reason: string };

/** Calls a function; what it or the Lambda API answers with an error is a result, not a rejection. */
export type CallFunction = (functionName: string, payload: unknown, signal: AbortSignal) => Promise<CallResult>;

/** Invokes as any caller would: over the endpoint, and waiting for the answer. */
export const createFunctionCalls =
  (client: LambdaClient): CallFunction =>
  async (functionName, payload, abortSignal) => {
    const command = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(payload) });
    try {
      const { FunctionError, Payload } = await client.send(command, { abortSignal });
      const text = Payload?.transformToString() ?? '';
      if (FunctionError !== undefined) return { kind: 'failed', reason: describeError(text) };
      return { kind: 'answered', answer: text === '' ? undefined : JSON.parse(text) };
    } catch (error) {
      abortSignal.throwIfAborted();
      if (!(error instanceof LambdaServiceException)) throw error;
      return { kind: 'failed', reason: `${error.name}: ${error.message}` };
    }
  };

/** `{errorType, errorMessage}` is what Lambda makes of a thrown error. */
function describeError(payload: string): string {
  const { errorType, errorMessage } = JSON.parse(payload) as { errorType?: string; errorMessage?: string };
  return `${errorType ?? 'Error'}: ${errorMessage ?? 'without a message'}`;
}
