import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** Imports the constructs on a Node that takes itself for this one. */
function importOn(version: string) {
  const taken = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`;
  const script = "await import('waybill/cdk').catch(({ message }) => console.log(message))";
  const options = ['--conditions=waybill-source', '--import', `data:text/javascript,${taken}`];
  return promisify(execFile)(process.execPath, [...options, '--input-type=module', '--eval', script], { cwd: ROOT });
}

describe('waybill/cdk', () => {
  it.each(['20.20.2', '22.17.1'])('refuses Node.js %s in one sentence', async (version) => {
    expect((await importOn(version)).stdout).toBe(
      `Node.js 22.18 or later is needed to synthesize an app with Waybill, this is ${version} (${process.execPath}): install a newer one\n`,
    );
  });

  it('takes the oldest Node.js that the package names', async () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

    expect(engines).toStrictEqual({ node: '>=22.18' });
    expect((await importOn('22.18.0')).stdout).toBe('');
  });
});
