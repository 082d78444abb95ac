import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface Cli {
  /** Runs `aws <args>` against the endpoint. @returns the JSON that it printed; undefined when it printed nothing. */
  run(...args: readonly string[]): Promise<unknown>;
  /** Runs what must fail. @returns the error's code, as the CLI prints it. */
  fails(...args: readonly string[]): Promise<string>;
  /** Whether this version of the CLI has a command. */
  knows(service: string, command: string): Promise<boolean>;
}

/** The version line of the CLI at `path`; undefined when there is none. */
export async function cliVersion(path: string): Promise<string | undefined> {
  try {
    // version 1 of the CLI on an old Python prints it on stderr
    const { stdout, stderr } = await execute(path, ['--version']);
    return (stdout || stderr).trim();
  } catch (error) {
    if (errorField(error, 'code') === 'ENOENT') return undefined;
    throw error;
  }
}

export function createCli(path: string, endpointUrl: string, region: string): Cli {
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_DEFAULT_REGION: region,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
  };
  // older CLIs do not know AWS_ENDPOINT_URL
  const aws = (args: readonly string[]) =>
    execute(path, ['--endpoint-url', endpointUrl, '--output', 'json', ...args], { env });

  return {
    async run(...args) {
      const { stdout } = await aws(args);
      return stdout.trim() === '' ? undefined : JSON.parse(stdout);
    },
    async fails(...args) {
      const error: unknown = await aws(args).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) throw new Error(`aws ${args.join(' ')} succeeded`);
      return /An error occurred \((\S+?)\)/.exec(errorField(error, 'stderr'))?.[1] ?? errorField(error, 'stderr');
    },
    async knows(service, command) {
      const stderr = await aws([service, command, 'help']).then(
        () => '',
        (reason: unknown) => errorField(reason, 'stderr'),
      );
      return !/invalid choice/i.test(stderr);
    },
  };
}

function errorField(error: unknown, name: 'code' | 'stderr'): string {
  if (typeof error !== 'object' || error === null) return '';
  return String(new Map<string, unknown>(Object.entries(error)).get(name) ?? '');
}
