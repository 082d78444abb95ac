import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { createApp } from '../../infra/create-app.ts';
import * as services from '../../infra/services.ts';
import { createTemporaryFolder } from '../../local/temporary-folder.ts';
import type { BenchContext } from '../area.ts';
import { medianOf } from '../measure.ts';
import { type Figure, figure, type Report } from '../report.ts';
import { deployedFunctions } from './deployed-functions.ts';

/** What the tests of the bundles hold them to. */
const LIMIT_KB = { relay: 400, others: 600 } as const;
const KB = 1024;
const REPETITION = { warmUps: 1, repetitions: 5 } as const;
const EMPTY_MODULE = 'data:text/javascript,export%20const%20handler%20%3D%200';

/** How large every bundle is, and what a new process takes to import it. */
export async function measureBundles({ progress }: BenchContext): Promise<Report> {
  using assembly = createTemporaryFolder();
  const stacks = createApp({
    services: Object.values(services),
    outdir: assembly.path,
    context: { env: 'dev' },
  }).synth().stacks;
  const functions = deployedFunctions(stacks.map(({ template }) => template));
  progress(`${functions.length} bundles, each imported ${REPETITION.repetitions} times`);
  const emptyMs = await medianOf(() => importMs(EMPTY_MODULE, {}), REPETITION);

  const figures: Figure[] = [];
  for (const { name, assetFolder, variables } of functions) {
    const file = join(assembly.path, assetFolder, 'index.mjs');
    const sizeKb = statSync(file).size / KB;
    const zippedKb = gzipSync(readFileSync(file)).length / KB;
    const limitKb = name === 'relay' ? LIMIT_KB.relay : LIMIT_KB.others;
    const bundleMs = await medianOf(() => importMs(pathToFileURL(file).href, variables), REPETITION);
    figures.push(
      figure({
        name: `bundle ${name}, size`,
        value: sizeKb,
        unit: 'KB',
        beside: { what: 'limit, KB', value: limitKb },
        reach: { most: 1 },
        note: `${zippedKb.toFixed(0)} KB compressed`,
      }),
      figure({
        name: `bundle ${name}, import beyond an empty module's`,
        value: bundleMs - emptyMs,
        unit: 'ms of CPU',
        beside: { what: 'a new process that imports an empty module, ms of CPU', value: emptyMs },
      }),
    );
  }
  return { figures };
}

/**
 * CPU time of a new process that imports the module and ends. Other processes on the machine stretch the time on the
 * clock, and hardly this.
 */
function importMs(url: string, variables: Readonly<Record<string, string>>): number {
  const environment = {
    ...variables,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  };
  const script = `import { handler } from ${JSON.stringify(url)};
    void handler;
    const { user, system } = process.cpuUsage();
    console.log((user + system) / 1000);
    process.exit(0);`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    env: environment,
    encoding: 'utf8',
  });
  return Number(output);
}
