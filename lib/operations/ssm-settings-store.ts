import {
  GetParameterCommand,
  ParameterNotFound,
  PutParameterCommand,
  paginateGetParameterHistory,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { EpochMs } from '../shared/time.ts';
import type { SettingsStore, SettingsVersion } from './ports.ts';

export interface SsmSettingsStoreOptions {
  readonly client: SSMClient;
  readonly parameterName: string;
}

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
const LONGEST_DESCRIPTION = 1024;

/** An environment's settings parameter in Parameter Store. */
export function createSsmSettingsStore({ client, parameterName: Name }: SsmSettingsStoreOptions): SettingsStore {
  return {
    async read() {
      try {
        const { Parameter } = await client.send(new GetParameterCommand({ Name }));
        return { content: Parameter?.Value ?? '', version: Parameter?.Version ?? 0 };
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw error;
      }
    },
    async history() {
      const versions: SettingsVersion[] = [];
      for await (const { Parameters = [] } of paginateGetParameterHistory({ client }, { Name })) {
        for (const { Version = 0, Value = '', LastModifiedDate, LastModifiedUser, Description } of Parameters) {
          versions.push({
            version: Version,
            content: Value,
            at: (LastModifiedDate?.getTime() ?? 0) as EpochMs,
            by: Description ?? LastModifiedUser ?? '',
          });
        }
      }
      return versions.toSorted((a, b) => a.version - b.version);
    },
    async write(content, note) {
      const { Version = 0 } = await client.send(
        new PutParameterCommand({
          Name,
          Value: content,
          Type: 'String',
          Overwrite: true,
          Description: note.slice(0, LONGEST_DESCRIPTION),
        }),
      );
      return Version;
    },
  };
}
