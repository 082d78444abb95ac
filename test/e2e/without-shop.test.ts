import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWaybill } from './start-waybill.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const LINE = "export { addShop } from '../examples/shop/infra/add-shop.ts';\n";

/** The repository as a team has it that deleted the shop, as docs say. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-without-shop-'));
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: REPOSITORY, encoding: 'utf8' }).split('\0');
  for (const file of files) {
    if (file === '' || file.startsWith('examples/shop/')) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(REPOSITORY, file), join(folder, file));
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  const services = join(folder, 'infra/services.ts');
  const lines = readFileSync(services, 'utf8');
  expect(lines).toContain(LINE);
  writeFileSync(services, lines.replace(LINE, ''));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a tool of the repository in the copy; rejects with what it wrote when it is not content. */
async function run(tool: string, ...args: readonly string[]): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|AWS_)/.test(name)));
  const command = [join(folder, 'node_modules', tool), ...args];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: folder, env, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${tool} ${args.join(' ')}:\n${stdout}\n${stderr}`, { cause: error });
  }
}

describe('the repository without the shop', () => {
  it('compiles', () => expect(run('typescript/bin/tsc', '--noEmit')).resolves.toBe(''));

  it('has no lint findings', () => run('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'));

  it('has no unused code', () => run('knip/bin/knip.js'));

  it('passes the tests of the import rules and of the command line', async () => {
    const tests = ['test/architecture', 'test/cli', 'test/local/start'];

    expect(await run('vitest/vitest.mjs', 'run', '--project', 'unit', ...tests)).toMatch(/Test Files .*passed/);
  });

  it('synthesizes the hub alone, which npm start runs, and which answers and stops', async () => {
    await run('aws-cdk/bin/cdk', 'synth', '--quiet', '--context', 'env=dev', '--output', join(folder, 'cdk.out'));
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const args: string[] = scripts.start.split('cli/main.ts ')[1].split(' ');

    const started = startWaybill(folder, [...args, 'cdk.out']);
    try {
      await started.said(/^The run stays up until Ctrl-C\.$/m);
      const [, endpoint = ''] = /^Endpoint (\S+),/m.exec(started.stdout()) ?? [];
      const credentials = { accessKeyId: 'me', secretAccessKey: 'me' };
      const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
      const { TableNames } = await client.send(new ListTablesCommand());

      expect(started.stderr()).toBe(`there is no driver 'examples/shop/local/main.ts': the app runs without it\n`);
      expect(started.stdout()).toMatch(/^Running Waybill-dev-Hub: 5 tables, .*; consumers none$/m);
      expect(TableNames).toHaveLength(5);

      started.kill('SIGINT');
      expect(await started.ended).toBe(130);
    } finally {
      started.kill('SIGKILL');
    }
  });
});
