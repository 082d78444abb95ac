import { join } from 'node:path';
import { createApp } from '../../infra/create-app.ts';
import * as services from '../../infra/services.ts';
import { createTemporaryFolder } from '../../local/temporary-folder.ts';
import type { BenchContext } from '../area.ts';
import { quantile } from '../measure.ts';
import type { Report, Table } from '../report.ts';
import { coldStart } from './cold-start.ts';
import { deployedFunctions } from './deployed-functions.ts';

const STARTS = 5;

/** What every function of the shop spends before its first call, without the engines: bundle and modules, then its composition root. */
export async function measureFunctionStarts({ progress }: BenchContext): Promise<Report> {
  using assembly = createTemporaryFolder();
  const { stacks } = createApp({
    services: Object.values(services),
    outdir: assembly.path,
    context: { env: 'dev' },
  }).synth();
  const functions = deployedFunctions(stacks.map(({ template }) => template));
  progress(`${functions.length} functions, ${STARTS} starts each`);
  const starts = functions.map(({ name, assetFolder, variables }) => ({
    name,
    file: join(assembly.path, assetFolder, 'index.mjs'),
    variables: { ...variables, ...AROUND, PATH: process.env['PATH'] },
    load: [] as number[],
    init: [] as number[],
  }));
  // in turns, so that the load of a moment does not fall on one function
  for (let round = 0; round < STARTS; round++) {
    for (const each of starts) {
      const { load, init } = await coldStart(each.file, each.variables, []);
      each.load.push(load);
      each.init.push(init);
    }
  }
  const rows = starts
    .map(({ name, load, init }) => ({ name, load: quantile(load, 0.5), init: quantile(init, 0.5) }))
    .toSorted((a, b) => a.load + a.init - b.load - b.init);
  const table: Table = {
    title: `ms of CPU in a new process, medians of ${STARTS} starts`,
    head: ['function', 'load', 'init', 'in all'],
    rows: rows.map(({ name, load, init }) => [name, load, init, load + init]),
  };
  return { figures: [], tables: [table] };
}

const AROUND = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'secret',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
};
