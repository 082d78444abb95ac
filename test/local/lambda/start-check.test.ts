import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkStarts } from '../../../local/lambda/start-check.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../../local/temporary-folder.ts';

let folder: TemporaryFolder;

beforeEach(() => {
  folder = createTemporaryFolder();
});

afterEach(() => folder[Symbol.dispose]());

function functionOf(functionName: string, code: string, variables: Readonly<Record<string, string>> = {}) {
  const taskRoot = join(folder.path, functionName);
  mkdirSync(taskRoot);
  writeFileSync(join(taskRoot, 'index.mjs'), code);
  return { functionName, taskRoot, handler: 'index.handler', takesCallbacks: false, variables };
}

const WELL = 'export const handler = async () => 1;';

async function failuresOf(...functions: ReturnType<typeof functionOf>[]): Promise<Readonly<Record<string, string>>> {
  const failures: Record<string, string> = {};
  const onFailure = (
    functionName: string,
    { errorType, errorMessage }: { errorType: string; errorMessage: string },
  ) => {
    failures[functionName] = `${errorType}: ${errorMessage}`;
  };
  await checkStarts({ functions, onFailure, signal: new AbortController().signal });
  return failures;
}

it('tells which code cannot be loaded, has no handler or ends its process, and passes the rest', async () => {
  const failures = await failuresOf(
    functionOf('first', WELL),
    functionOf('throws', "throw new TypeError('no rates');"),
    functionOf('nameless', 'export const other = 1;'),
    functionOf('ends', 'process.exit(3);'),
    functionOf('last', WELL),
  );

  expect(failures).toStrictEqual({
    throws: 'TypeError: no rates',
    nameless: 'Runtime.HandlerNotFound: index.handler is undefined or not exported',
    ends: 'Runtime.ExitError: its process ends while its code is loaded',
  });
});

it('gives each function its own variables', async () => {
  const code = `if (process.env.NAME !== process.env.EXPECTED) throw new Error('wrong'); ${WELL}`;

  expect(
    await failuresOf(
      functionOf('one', code, { NAME: '1', EXPECTED: '1' }),
      functionOf('two', code, {}),
      functionOf('three', code, { NAME: '3', EXPECTED: '4' }),
    ),
  ).toStrictEqual({ three: 'Error: wrong' });
});

it('does not blame a function for what a shared module read for another one', async () => {
  mkdirSync(join(folder.path, 'chunks'));
  writeFileSync(
    join(folder.path, 'chunks/rates.mjs'),
    "if (process.env.RATES_URL === undefined) throw new Error('RATES_URL is missing');",
  );
  const code = `import '../chunks/rates.mjs'; ${WELL}`;

  expect(
    await failuresOf(functionOf('without', code), functionOf('with', code, { RATES_URL: 'https://rates.example.com' })),
  ).toStrictEqual({ without: 'Error: RATES_URL is missing' });
});

it('ends when it is aborted', async () => {
  const functions = [functionOf('hangs', 'await new Promise((resolve) => setTimeout(resolve, 600_000));')];
  const controller = new AbortController();
  const failed: string[] = [];
  const checked = checkStarts({ functions, onFailure: (name) => void failed.push(name), signal: controller.signal });

  controller.abort();
  await checked;

  expect(failed).toStrictEqual([]);
});
