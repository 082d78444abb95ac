import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);
const { app }: { readonly app: string } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));

/** What runs a source of its own, by the name of the script; what builds the package has no options. */
const OWN = Object.entries(scripts).filter(([, line]) => line.includes('.ts') && !line.includes(' build/'));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a script as npm does.
 * @param nodeVersion what its Node takes itself for
 * @param isRead whether somebody reads stdout
 */
function run(
  line: string,
  args: readonly string[],
  { nodeVersion = process.versions.node, isRead = true } = {},
): Promise<Ended> {
  const version = `Object.defineProperty(process.versions, 'node', { value: '${nodeVersion}' })`;
  const [, ...words] = line.split(' ');
  const child = spawn(process.execPath, ['--import', `data:text/javascript,${version}`, ...words, ...args], {
    cwd: ROOT,
    // nothing that a command calls by mistake reaches an account
    env: { ...process.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
  });
  let stdout = '';
  let stderr = '';
  if (isRead) child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  else child.stdout.destroy();
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr })));
}

const STACK = /^ +at /m;

describe.each(OWN)('npm run %s', (name, line) => {
  it('shows its help, and does nothing else', async () => {
    const { status, stdout, stderr } = await run(line, ['--help']);

    expect({ status, stderr }).toStrictEqual({ status: 0, stderr: '' });
    // npm start is the driver's, or without it the command's
    const usage = { start: /npm start|npx waybill start/, waybill: /npx waybill/ }[name];
    expect(stdout).toMatch(usage ?? `npm run ${name} --`);
  });

  it('rejects an unknown option with status 2 and without a stack trace', async () => {
    const { status, stdout, stderr } = await run(line, ['--no-such-option']);

    expect({ status, stdout }).toStrictEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('--no-such-option');
    expect(stderr).not.toMatch(STACK);
  });

  it('checks first that Node is new enough', () => {
    expect(line).toMatch(/^node (--conditions=waybill-source )?--import \.\/cli\/require-node\.js /);
  });
});

describe.each([
  ['a script', scripts['waybill'] ?? '', '20.20.2'],
  ['the CDK app', app, '22.9.0'],
])('%s', (_what, line, nodeVersion) => {
  it('says in one sentence that Node is too old', async () => {
    const { status, stdout, stderr } = await run(line, ['--help'], { nodeVersion });

    expect({ status, stdout }).toStrictEqual({ status: 1, stdout: '' });
    expect(stderr).toBe(
      `Node.js 24 or later is needed to run the sources of Waybill, this is ${nodeVersion} (${process.execPath}): run 'npm rebuild node --ignore-scripts=false', which installs Node.js 24.21.0 for the npm scripts, or install Node.js 24\n`,
    );
  });
});

it.each(['waybill', 'start', 'faults'])('%s exits without a stack trace if its output is not read', async (name) => {
  const { stderr } = await run(scripts[name] ?? '', ['--help'], { isRead: false });

  expect(stderr).not.toMatch(STACK);
});
