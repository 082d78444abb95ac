import { ParameterNotFoundError } from '@aws-lambda-powertools/parameters/errors';
import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { SettingsParameter } from './ports.ts';

export interface PowertoolsParameterOptions {
  readonly client: SSMClient;
  readonly name: string;
  /** Maximum age of the content, in seconds. */
  readonly maxAgeSeconds: number;
}

/** A parameter of Parameter Store, read and cached by Powertools. */
export function createPowertoolsParameter({
  client,
  name,
  maxAgeSeconds,
}: PowertoolsParameterOptions): SettingsParameter {
  const provider = new SSMProvider({ awsSdkV3Client: client });
  return {
    async read() {
      try {
        return await provider.get(name, { maxAge: maxAgeSeconds, throwOnMissing: true });
      } catch (error) {
        if (error instanceof ParameterNotFoundError) return undefined;
        throw error;
      }
    },
  };
}
