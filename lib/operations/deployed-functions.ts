import { type LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import type { DeployedFunction } from './deployment.ts';

/** Every function of the account and region with its variables. */
export async function listDeployedFunctions(client: LambdaClient): Promise<readonly DeployedFunction[]> {
  const functions: DeployedFunction[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    for (const { FunctionName = '', Environment } of Functions) {
      functions.push({ functionName: FunctionName, variables: Environment?.Variables ?? {} });
    }
  }
  return functions;
}
