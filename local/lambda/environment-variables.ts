import { devNull } from 'node:os';
import type { FunctionConfiguration } from './configuration.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface EnvironmentFacts {
  readonly region: string;
  readonly endpointUrl: string;
  readonly credentials: Credentials;
  readonly logGroup: string;
  readonly logStream: string;
  readonly version: string;
}

/** All that a function finds in `process.env`: of the host's own environment, the PATH only. */
export function environmentVariables(
  configuration: FunctionConfiguration,
  facts: EnvironmentFacts,
): Record<string, string> {
  const { credentials } = facts;
  return {
    // endpoint and profile files first: a template may set them itself
    AWS_ENDPOINT_URL: facts.endpointUrl,
    // the developer's own profile stays out of it
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    ...configuration.environment,
    PATH: process.env['PATH'] ?? '',
    TZ: 'UTC',
    _HANDLER: configuration.handler,
    LAMBDA_TASK_ROOT: configuration.codeFolder,
    AWS_REGION: facts.region,
    AWS_DEFAULT_REGION: facts.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: configuration.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: facts.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: facts.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: facts.logStream,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
  };
}
