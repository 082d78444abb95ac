import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STACK_TRACES_OF_SOURCES } from '../../../infra/bundles/stack-traces.ts';

const SOURCE = [
  'export class BillMissingError extends Error {',
  "  override readonly name = 'BillMissingError';",
  '}',
  'export function findBill(): never {',
  "  throw new BillMissingError('no bill');",
  '}',
].join('\n');

/** Prints what `work` returns, with the maps of the bundle that were read since before its import. */
const SCRIPT = (bundle: string, work: string) => `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const readFileSync = fs.readFileSync;
  const read = [];
  fs.readFileSync = (...args) => { if (String(args[0]).endsWith('index.mjs.map')) read.push('map'); return readFileSync(...args); };
  syncBuiltinESMExports();
  const { findBill } = await import(${JSON.stringify(bundle)});
  const result = (${work})();
  process.stdout.write(JSON.stringify({ result, read }));
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-stack-'));
  writeFileSync(join(folder, 'bill.ts'), SOURCE);
  buildSync({
    entryPoints: [join(folder, 'bill.ts')],
    outfile: join(folder, 'index.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    banner: { js: STACK_TRACES_OF_SOURCES },
  });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(work: string): { readonly result: string; readonly read: readonly string[] } {
  const script = SCRIPT(join(folder, 'index.mjs'), work);
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    env: {},
  });
  return JSON.parse(output);
}

const STACK = 'function () { try { findBill(); } catch (error) { return error.stack; } }';
const MESSAGE = 'function () { try { findBill(); } catch (error) { return error.message; } }';

describe('stack traces of a bundle', () => {
  it('name the place in the source', () => {
    const { result } = run(STACK);

    const [head, first] = result.split('\n');
    expect(head).toBe('BillMissingError: no bill');
    expect(first).toContain(`${join(folder, 'bill.ts')}:5:9`);
  });

  it('read the map once a stack is looked at, and not before', () => {
    expect(run(MESSAGE).read).toStrictEqual([]);
    expect(run(STACK).read).toStrictEqual(['map']);
  });

  it('name the place in the bundle if its map is missing or damaged', () => {
    writeFileSync(join(folder, 'index.mjs.map'), '{');
    const damaged = run(STACK).result;
    rmSync(join(folder, 'index.mjs.map'));
    const missing = run(STACK).result;

    expect(damaged).toMatch(/^BillMissingError: no bill\n {4}at .*index\.mjs:\d+:\d+/);
    expect(missing).toBe(damaged);
  });
});
