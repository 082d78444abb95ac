import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { sharedAssembly } from '../fixtures/shared-assembly.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

const THIS_NODE = dirname(process.execPath);

/**
 * The environment of a user's shell: nothing of the test runner, of this repository or of an AWS account.
 * @param nodeFolder holds the user's Node
 */
export const userEnvironment = (nodeFolder = THIS_NODE): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV$|NODE_OPTIONS$|AWS_|npm_)/.test(name)),
  ),
  PATH: [nodeFolder, process.env['PATH']].join(delimiter),
});

/** Runs a command as a user would, on this Node; rejects with what it wrote when it fails. */
export const runIn = (folder: string, command: string, ...args: readonly string[]): Promise<string> =>
  runOn(THIS_NODE, folder, command, ...args);

/** The same on another Node. @param nodeFolder holds it */
export async function runOn(
  nodeFolder: string,
  folder: string,
  command: string,
  ...args: readonly string[]
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      cwd: folder,
      env: userEnvironment(nodeFolder),
      maxBuffer: 2 ** 26,
    });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${command} ${args.join(' ')}:\n${stdout}\n${stderr}`, { cause: error });
  }
}

const TARBALL = 'package.tgz';

/** @returns path of the tarball, which all tests of the same sources share */
export const packPackage = async (): Promise<string> => join(await sharedAssembly('package', {}, pack), TARBALL);

/** Builds and packs what is committed and what is not, in a copy: tests beside this one read the repository. */
async function pack(shared: string): Promise<void> {
  const folder = join(shared, 'copy');
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', list, { cwd: REPOSITORY, encoding: 'utf8' }).split('\0');
  for (const file of files) {
    if (!/^(build|cli|functions|infra|lib|local)\/|^[^/]+$/.test(file)) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(REPOSITORY, file), join(folder, file));
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  const [packed] = JSON.parse(await runIn(folder, 'npm', 'pack', '--json', '--silent')) as [{ filename: string }];
  cpSync(join(folder, packed.filename), join(shared, TARBALL));
  rmSync(folder, { recursive: true });
}
