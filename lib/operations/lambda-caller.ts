import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { FunctionFailedError } from './errors.ts';

/** Calls a function and waits for its answer. */
export interface FunctionCaller {
  /** @throws FunctionFailedError `FUNCTION_FAILED` with the function's own error */
  call(functionName: string, payload: unknown): Promise<unknown>;
}

export const createLambdaCaller = (client: LambdaClient): FunctionCaller => ({
  async call(functionName, payload) {
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(payload) }),
    );
    const text = Payload === undefined ? '' : Buffer.from(Payload).toString();
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    if (FunctionError === undefined) return answer;
    const { errorType = FunctionError, errorMessage = text } = answer as { errorType?: string; errorMessage?: string };
    throw new FunctionFailedError(functionName, errorType, errorMessage);
  },
});
