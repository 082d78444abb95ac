import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FOLDERS, findMutants } from './find-mutants.ts';
import { type Explanation, judge, reportOf, scoresOf, staleOf } from './report.ts';
import { runTests } from './run-tests.ts';
import { openTrialState } from './trial-state.ts';

/** Of a folder's mutants so many may live on without a reason. */
const MOST_UNEXPLAINED_PERCENT = 2;

const { values } = parseArgs({
  options: {
    folder: { type: 'string', multiple: true, default: [...FOLDERS] },
    file: { type: 'string' },
    sample: { type: 'string' },
    json: { type: 'string' },
  },
});

const show = (text: string) => process.stdout.write(`${text}\n`);

const sample = values.sample === undefined ? undefined : Number(values.sample);
if (sample !== undefined && !(Number.isSafeInteger(sample) && sample > 0)) {
  throw new Error(`--sample must be a whole number from 1, got '${values.sample}'`);
}
const root = resolve(import.meta.dirname, '../..');
const mutants = findMutants({ root, folders: values.folder, file: values.file, sample });
if (mutants.length === 0) throw new Error(`no mutants in ${values.folder.join(', ')} with '${values.file ?? ''}'`);
const explanations = JSON.parse(
  readFileSync(join(import.meta.dirname, 'explained.json'), 'utf8'),
) as readonly Explanation[];

const stateFolder = mkdtempSync(join(tmpdir(), 'mutation-'));
const startedAt = performance.now();
try {
  const state = openTrialState(stateFolder);
  show(`${mutants.length} mutants in ${new Set(mutants.map(({ file }) => file)).size} files`);
  await runTests({ root, mutants, state, stateFolder, onTrouble: show });
  const judged = judge(mutants, state, explanations);
  show(reportOf(judged));
  for (const test of state.broken()) show(`fails without a mutant, and was left out: ${test}`);
  for (const { file, original } of staleOf(explanations, judged)) show(`explained, but found: ${file}: ${original}`);
  show(`took ${Math.round((performance.now() - startedAt) / 1000)} seconds`);
  if (values.json !== undefined)
    writeFileSync(values.json, JSON.stringify({ scores: scoresOf(judged), judged }, null, 1));
  if (scoresOf(judged).some(({ unexplainedPercent }) => unexplainedPercent > MOST_UNEXPLAINED_PERCENT))
    process.exitCode = 1;
} finally {
  rmSync(stateFolder, { recursive: true, force: true });
}
