import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFailed } from 'vitest';
import { startWaybill } from '../../../../test/e2e/start-waybill.ts';

const REPOSITORY = join(import.meta.dirname, '../../../..');

/** The commands of docs/shop.md, as they stand there. */
const commands = [...readFileSync(join(REPOSITORY, 'docs/shop.md'), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(
  ([, block = '']) => block,
);

it('npm start takes orders over HTTP, and the commands of docs/shop.md work as they stand', async () => {
  const started = startWaybill(REPOSITORY, [
    ...['start', '--driver', 'examples/shop/local/main.ts'],
    ...['--orders', '8'],
  ]);
  onTestFailed(() => console.error(started.stdout(), started.stderr()));
  try {
    await started.said(/^The run stays up until Ctrl-C/m);
    const variables = [...new Set(started.stdout().match(/^ {2}export .*$/gm))];
    const script = [...variables, 'set -euo pipefail', ...commands].join('\n');

    const { stdout } = await promisify(execFile)('bash', ['-c', script], { timeout: 120_000 });

    expect(started.stdout()).toMatch(/^ {2}http +\d+ requests · 1 order of 1 person with tokens of their own/m);
    expect(started.stdout()).toContain('  http: each order exists once (8 commands)');
    expect(stdout).toMatch(/^etag: "1"\r$/m);
    expect(stdout).toMatch(/^HTTP\/1.1 202 Accepted\r$/m);
    expect(stdout).toMatch(/^idempotent-replayed: true\r$/m);
    expect(stdout).toContain('"outcome":"too-late"');
    expect(stdout).toContain('"lines":[{"sku":"CUP-PORCELAIN","quantity":2,"name":"Porcelain cup"}]');
    expect(stdout).toMatch(/^HTTP\/1.1 401 /m);
    expect(stdout).not.toMatch(/^HTTP\/1.1 5/m);
  } finally {
    started.kill('SIGINT');
    await started.ended;
  }
});
