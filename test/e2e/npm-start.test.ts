import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../../local/main.ts');

/** The run's own temporary folder: whatever stays in it was left behind. */
let temporaryFolder: string;
let inputFolder: string;

beforeEach(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), 'waybill-start-'));
  inputFolder = await mkdtemp(join(tmpdir(), 'waybill-input-'));
});

afterEach(async () => {
  await rm(temporaryFolder, { recursive: true, force: true });
  await rm(inputFolder, { recursive: true, force: true });
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param onStderr may send the process a signal once it has said something */
function start(args: readonly string[], onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void) {
  return new Promise<Ended>((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, TMPDIR: temporaryFolder } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      onStderr?.(stderr, (signal) => child.kill(signal));
    });
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}

const lastLineOf = (text: string) => JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');

describe('npm start', () => {
  it('ships every order of a file, reports its bad lines, and leaves nothing behind', async () => {
    const input = join(inputFolder, 'orders.csv');
    await writeFile(
      input,
      'InvoiceNo,InvoiceDate,CustomerID,TotalPrice\n' +
        '536365,2010-12-01,17850,139.12\n536366,2010-12-01,17850,22.200000000000003\n536367,2010-12-01,,5.00\n',
    );

    const { status, stdout, stderr } = await start(['--input', input, '--exit', '--json']);

    expect({ status, lines: stdout.trimEnd().split('\n').length }).toStrictEqual({ status: 0, lines: 1 });
    expect(lastLineOf(stdout)).toMatchObject({
      orders: 2,
      published: 8,
      handled: 14,
      failed: 0,
      deadLetters: 0,
      lost: 0,
      states: { shipped: 2 },
      latencyMs: { p50: expect.any(Number), p99: expect.any(Number) },
    });
    expect(stderr).toContain(`${input}:4`);
    expect(await readdir(temporaryFolder)).toStrictEqual([]);
  });

  it('bears faults: loses, repeats and disorders nothing, and lists what was injected', async () => {
    const { status, stdout, stderr } = await start(['--orders', '20', '--chaos', '3', '--exit', '--json']);

    expect(status).toBe(0);
    expect(lastLineOf(stdout)).toMatchObject({
      orders: 20,
      handled: 140,
      lost: 0,
      repeatedEffects: 0,
      orderBreaks: 0,
      states: { shipped: 20 },
      chaos: 3,
      injected: { throttle: expect.any(Number), 'lost-response': expect.any(Number) },
    });
    expect(stderr).toContain('faults on: seed 3');
  });

  it('writes logs of one function as lines of JSON on stdout, and all else on stderr', async () => {
    const { status, stdout, stderr } = await start(['--orders', '2', '--logs', 'payments', '--json-logs', '--exit']);

    expect(status).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(new Set(lines.map(({ service }) => service))).toStrictEqual(new Set(['payments']));
    expect(lines).toContainEqual(expect.objectContaining({ message: 'payment captured', order_id: '1001' }));
    expect(stderr).toContain('Every order reached its final state');
  });

  it('refuses logs of nobody, and says who there is', async () => {
    const { status, stderr } = await start(['--orders', '2', '--logs', 'billing', '--exit']);

    expect(status).toBe(2);
    expect(stderr).toContain(
      "--logs must name one of relay, sweeper, orders, payments, inventory, shipping, place-order, or a function, got 'billing'",
    );
  });

  it('stops cleanly on Ctrl-C, and leaves nothing behind', async () => {
    const { status } = await start(['--orders', '3', '--json'], (text, kill) => {
      if (text.includes('Endpoint http://127.0.0.1')) kill('SIGINT');
    });

    expect(status).toBe(130);
    expect(await readdir(temporaryFolder)).toStrictEqual([]);
  });

  it.each([
    [['--ordres', '5'], '--ordres'],
    [['--orders', 'many'], "'many'"],
    [['--input', '/no/such/file.csv'], '/no/such/file.csv'],
    [['--env', 'production'], 'dev, staging, prod'],
  ])('refuses %j with one line that says what is allowed', async (args, named) => {
    const { status, stdout, stderr } = await start(args);

    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(named);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });
});
