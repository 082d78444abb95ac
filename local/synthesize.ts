import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { devNull } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { environmentOfHubParameter } from '../lib/definitions/hub-parameter.ts';
import { WaybillError } from '../lib/definitions/waybill-error.ts';
import { DEFAULT_ENVIRONMENT, type DeploymentEnvironment } from './template/pseudo-parameters.ts';

/** `cdk synth` failed; the message carries what the CDK CLI wrote about it. */
class SynthesisError extends WaybillError {
  readonly code = 'LOCAL_SYNTHESIS_FAILED';
}

export interface SynthesizeOptions {
  /** Holds `cdk.json`; the CDK CLI is the one installed there. */
  readonly projectFolder: string;
  /** Gets the cloud assembly. */
  readonly outputFolder: string;
  /** CDK context, e.g. `{ env: 'dev' }`. @default none */
  readonly context?: Readonly<Record<string, string>>;
  /** What the app gets as CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION. @default - where a run is that is bound to no place */
  readonly place?: DeploymentEnvironment;
  /** The command that runs the app, from the project's folder. @default - what cdk.json says */
  readonly app?: string;
  /** Gets what the app writes, as it comes. @default nobody */
  readonly onOutput?: (text: string) => void;
  /** Ends the CLI with the app that it started, and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Runs `cdk synth` on this process's own Node, apart from any AWS account.
 * @throws SynthesisError when the CLI is not installed or refuses the app.
 */
export async function synthesize(options: SynthesizeOptions): Promise<void> {
  const { projectFolder, outputFolder, context = {}, place = DEFAULT_ENVIRONMENT, app, onOutput, signal } = options;
  signal?.throwIfAborted();
  const contextArguments = Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
  const cli = spawn(
    process.execPath,
    [
      findCli(projectFolder),
      'synth',
      '--quiet',
      '--no-notices',
      // there is no account to ask
      '--no-lookups',
      '--output',
      outputFolder,
      ...(app === undefined ? [] : ['--app', app]),
      ...contextArguments,
    ],
    {
      cwd: projectFolder,
      env: synthEnvironment(place),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: HAS_PROCESS_GROUPS,
    },
  );
  let written = '';
  for (const stream of [cli.stdout, cli.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      written += text;
      onOutput?.(text);
    });
  }

  const kill = () => killGroup(cli);
  signal?.addEventListener('abort', kill, { once: true });
  process.once('exit', kill);
  const outcome = await new Promise<string | undefined>((resolve) => {
    cli.once('error', (error) => resolve(error.message));
    cli.once('close', (exitCode, killedBy) =>
      resolve(exitCode === 0 ? undefined : `it ended with ${exitCode ?? killedBy}`),
    );
  });
  process.off('exit', kill);
  signal?.removeEventListener('abort', kill);
  signal?.throwIfAborted();
  if (outcome === undefined) return;
  throw new SynthesisError(`cdk synth failed, ${outcome}:\n${written.trim()}${adviceOn(written)}`);
}

/** What to do about a lookup of a hub that does not run. */
function adviceOn(written: string): string {
  const [, missing = ''] = /Missing context keys: '(.*)'/.exec(written) ?? [];
  const names = missing.split(', ').map((key) => /^ssm:.*:parameterName=([^:]+)/.exec(key)?.[1] ?? '');
  const environments = names.map(environmentOfHubParameter).filter((name) => name !== undefined);
  if (environments.length === 0) return '';
  return `\nThe app looks up the hub of environment '${environments.join("' and '")}', which does not run: start the app that deploys it first, such as start HUB_APP THIS_APP`;
}

/** The CLI starts the app as a process of its own, which would go on writing into a folder that is to be removed. */
const HAS_PROCESS_GROUPS = process.platform !== 'win32';

function killGroup(cli: ChildProcess): void {
  if (cli.pid === undefined || cli.exitCode !== null) return;
  if (HAS_PROCESS_GROUPS) process.kill(-cli.pid, 'SIGKILL');
  else cli.kill();
}

function findCli(projectFolder: string): string {
  try {
    return createRequire(join(projectFolder, 'package.json')).resolve('aws-cdk/bin/cdk');
  } catch (cause) {
    throw new SynthesisError(`aws-cdk is not installed in '${projectFolder}'; run npm ci there`, { cause });
  }
}

/** Without the developer's AWS profile: the CLI would look up their account, and the template would depend on it. */
function synthEnvironment({ accountId, region }: DeploymentEnvironment): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return {
    ...Object.fromEntries(own),
    CDK_DEFAULT_ACCOUNT: accountId,
    AWS_REGION: region,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    // or the CLI leaves compiled code in the temporary folder
    NODE_DISABLE_COMPILE_CACHE: '1',
    // cdk.json says `node …`, which has to be the Node that runs TypeScript
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
  };
}
