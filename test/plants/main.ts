import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createVitest } from 'vitest/node';
import { PLANTED_IN_THE_EDGE } from './in-the-edge.ts';
import { PLANTED_IN_WEBHOOKS } from './in-webhooks.ts';
import type { Plant } from './plant.ts';

const USAGE = `Takes guards of the HTTP edge and of webhooks out, one at a time, and names the test that notices.

Usage: npm run plants -- [options]

Options:
  --name TEXT  only guards whose name holds the text
  --help       show this

Exit status: 0 when a test notices each of them; 1 otherwise; 2 for wrong options.
`;

function readOptions() {
  try {
    return parseArgs({ options: { name: { type: 'string', default: '' }, help: { type: 'boolean', default: false } } })
      .values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return process.exit(2);
  }
}

const ROOT = resolve(import.meta.dirname, '../..');

/** Names of tests that fail with the plant in its file, which stays as it is on the disk. */
async function failuresWith({ file, code, instead, tests }: Plant): Promise<readonly string[]> {
  const vitest = await createVitest(
    'test',
    {
      root: ROOT,
      config: false,
      watch: false,
      include: [tests],
      fsModuleCache: false,
      testTimeout: 60_000,
      reporters: [{}],
      onConsoleLog: () => false,
      dangerouslyIgnoreUnhandledErrors: true,
    },
    {
      plugins: [
        {
          name: 'plant',
          enforce: 'pre' as const,
          transform: (source: string, id: string) =>
            relative(ROOT, id.split('?')[0] ?? '') === file
              ? { code: source.replace(code, () => instead), map: null }
              : undefined,
        },
      ],
    },
  );
  try {
    const { testModules } = await vitest.start();
    return testModules.flatMap((module) => [
      ...module.errors().map(({ message }) => `${module.moduleId} is not loaded: ${message}`),
      ...[...module.children.allTests('failed')].map(({ name }) => name),
    ]);
  } finally {
    await vitest.close();
  }
}

const options = readOptions();
if (options.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const plants = [...PLANTED_IN_WEBHOOKS, ...PLANTED_IN_THE_EDGE].filter(({ name }) => name.includes(options.name));
let survived = 0;
for (const plant of plants) {
  if (!readFileSync(join(ROOT, plant.file), 'utf8').includes(plant.code))
    throw new Error(`${plant.file} has no ${plant.code}`);
  const failures = await failuresWith(plant);
  const [first = 'NOBODY'] = failures;
  if (failures.length === 0) survived++;
  process.stdout.write(
    `${plant.name}: noticed by ${first}${failures.length > 1 ? ` and ${failures.length - 1} more` : ''}\n`,
  );
}
process.stdout.write(`${plants.length} guards were taken out, ${survived} without any test that notices\n`);
process.exitCode = survived === 0 ? 0 : 1;
