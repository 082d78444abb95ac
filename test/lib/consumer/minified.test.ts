import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, expect, it } from 'vitest';

const PROJECT_ROOT = join(import.meta.dirname, '../../..');

/** Inside the project: the harness loads a package of its own at run time. */
const CACHE = join(PROJECT_ROOT, 'node_modules/.cache');
mkdirSync(CACHE, { recursive: true });
const folder = mkdtempSync(join(CACHE, 'waybill-minified-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function failuresOf(keepNames: boolean): Promise<unknown> {
  const outfile = join(folder, `consumer-${keepNames}.mjs`);
  await build({
    entryPoints: [join(PROJECT_ROOT, 'test/fixtures/bundles/failing-consumer.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    minify: true,
    keepNames,
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  const { failures } = await import(pathToFileURL(outfile).href);
  return failures();
}

it('a minified consumer names its failures as they are named in the code', async () => {
  expect(await failuresOf(true)).toStrictEqual({
    PermanentError: ['PERMANENT', true],
    CardDeclined: ['CardDeclined', true],
    LimitReached: ['LimitReached', true],
    ExternalTimeoutError: ['EXTERNAL_TIMEOUT', false],
    EventDataError: ['EVENT_DATA_INVALID', true],
  });
});

it('a consumer whose names of classes were cut short knows every error that says its name itself', async () => {
  expect(await failuresOf(false)).toStrictEqual({
    PermanentError: ['PERMANENT', true],
    CardDeclined: ['CardDeclined', true],
    // by `new.target.name`: nothing can match it
    LimitReached: [expect.stringMatching(/^[\w$]{1,3}$/), false],
    ExternalTimeoutError: ['EXTERNAL_TIMEOUT', false],
    EventDataError: ['EVENT_DATA_INVALID', true],
  });
});
