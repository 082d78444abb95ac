import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { devNull } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { DEFAULT_ENVIRONMENT, type DeploymentEnvironment } from '../template/pseudo-parameters.ts';
import { adviceOnMissing, SynthesisError } from './errors.ts';
import { runCommand } from './run-command.ts';

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
 * Runs `cdk synth` on this process's own Node, apart from any AWS account: with the bundles and the validations of a
 * deployment.
 * @throws SynthesisError when the CLI is not installed or refuses the app.
 */
export async function synthesize(options: SynthesizeOptions): Promise<void> {
  const { projectFolder, outputFolder, context = {}, place = DEFAULT_ENVIRONMENT, app, onOutput, signal } = options;
  signal?.throwIfAborted();
  const { failure, written } = await runCommand(
    [
      process.execPath,
      findCli(projectFolder),
      'synth',
      '--quiet',
      '--no-notices',
      // there is no account to ask
      '--no-lookups',
      '--output',
      outputFolder,
      ...(app === undefined ? [] : ['--app', app]),
      ...Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]),
    ],
    { cwd: projectFolder, env: synthEnvironment(place), onOutput, signal },
  );
  if (failure === undefined) return;
  const [, missing = ''] = /Missing context keys: '(.*)'/.exec(written) ?? [];
  const advice = adviceOnMissing(missing.split(', '));
  // the CLI advises to synthesize with credentials, which does not help where the hub is to run here
  const told = advice === '' ? written.trim() : `Missing context keys: '${missing}'${advice}`;
  throw new SynthesisError(`cdk synth failed, ${failure}:\n${told}`);
}

/** By the project's lock file. */
const INSTALLS = [
  ['package-lock.json', 'npm ci'],
  ['pnpm-lock.yaml', 'pnpm install'],
  ['yarn.lock', 'yarn install'],
  ['bun.lock', 'bun install'],
] as const;

function findCli(projectFolder: string): string {
  try {
    return createRequire(join(projectFolder, 'package.json')).resolve('aws-cdk/bin/cdk');
  } catch (cause) {
    const [, install = 'npm install'] = INSTALLS.find(([lockFile]) => existsSync(join(projectFolder, lockFile))) ?? [];
    throw new SynthesisError(`aws-cdk is not installed in '${projectFolder}'; run ${install} there`, { cause });
  }
}

/** Without the developer's AWS profile: the CLI would look up their account, and the template would depend on it. */
export function synthEnvironment({ accountId, region }: DeploymentEnvironment): NodeJS.ProcessEnv {
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
