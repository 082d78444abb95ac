import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ENV } from '../../lib/definitions/index.ts';
import type { BenchRun } from './start-app.ts';

/**
 * The variables of one of a run's functions, for code that runs outside its environments: its clients are led to the engines,
 * and it writes no logs and metrics.
 * @param label `relay` or a consumer's name
 */
export async function functionEnvironment(
  { run, connection, functionLabel }: BenchRun,
  label: string,
): Promise<Readonly<Record<string, string>>> {
  const { endpointUrl, region } = connection;
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const found = run.deployment.functions.find(({ functionName }) => functionLabel(functionName) === label);
  if (found === undefined) throw new RangeError(`no function '${label}'`);
  const client = new LambdaClient({ endpoint: endpointUrl, region, credentials });
  const { functionName: FunctionName } = found;
  const { Environment } = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
  client.destroy();
  return {
    ...Environment?.Variables,
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_LAMBDA_FUNCTION_NAME: FunctionName,
    POWERTOOLS_METRICS_DISABLED: 'true',
    [ENV.logLevel]: 'SILENT',
  };
}
