import { InvokeCommand, type LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import type { DeployedFunction } from './deployment.ts';
import { FunctionFailedError } from './errors.ts';

/** Lists all functions of the account and region with their environment variables. */
export async function listDeployedFunctions(client: LambdaClient): Promise<readonly DeployedFunction[]> {
  const functions: DeployedFunction[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    for (const { FunctionName = '', Environment } of Functions) {
      functions.push({ functionName: FunctionName, variables: Environment?.Variables ?? {} });
    }
  }
  return functions;
}

/** Invokes a function and waits for its response. */
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
