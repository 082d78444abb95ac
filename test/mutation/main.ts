import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { whenOutputCloses } from '../../local/view/closed-output.ts';
import { FOLDERS, findMutants } from './find-mutants.ts';
import { type Explanation, judge, reportOf, scoresOf, staleOf } from './report.ts';
import { runTests } from './run-tests.ts';
import { openTrialState } from './trial-state.ts';

/** Of a folder's mutants so many may live on without a reason. */
const MOST_UNEXPLAINED_PERCENT = 2;

const USAGE = `Plants mutants in the code that has promises to keep, and names those that no test notices.

Usage: npm run mutate -- [options]

Options:
  --folder FOLDER  where to plant, more than once if need be (default: ${FOLDERS.join(', ')})
  --file TEXT      only in files whose path holds the text
  --near           only with the tests of the same folder and the contracts of the ports: quick, and never too kind
  --sample N       so many mutants at random, the same ones each time
  --json FILE      writes every mutant and its fate
  --help           show this

Exit status: 0 when at most ${MOST_UNEXPLAINED_PERCENT} % of each folder's mutants live on unexplained; 1 otherwise; 2 for wrong options.
`;

const refuse = (problem: string): never => {
  process.stderr.write(`${problem}\n\n${USAGE}`);
  process.exit(2);
};

const show = (text: string) => process.stdout.write(`${text}\n`);

function readOptions() {
  try {
    return parseArgs({
      options: {
        folder: { type: 'string', multiple: true, default: [...FOLDERS] },
        file: { type: 'string' },
        near: { type: 'boolean', default: false },
        sample: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

whenOutputCloses([process.stdout], () => process.exit(1));

const values = readOptions();
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const sample = values.sample === undefined ? undefined : Number(values.sample);
if (sample !== undefined && !(Number.isSafeInteger(sample) && sample > 0)) {
  refuse(`--sample must be a whole number from 1, got '${values.sample}'`);
}
const root = resolve(import.meta.dirname, '../..');
const mutants = findMutants({ root, folders: values.folder, file: values.file, sample });
if (mutants.length === 0)
  refuse(`there is nothing to mutate in ${values.folder.join(', ')} with --file '${values.file ?? ''}'`);
const explanations = JSON.parse(
  readFileSync(join(import.meta.dirname, 'explained.json'), 'utf8'),
) as readonly Explanation[];

const stateFolder = mkdtempSync(join(tmpdir(), 'mutation-'));
const startedAt = performance.now();
try {
  const state = openTrialState(stateFolder);
  show(`${mutants.length} mutants in ${new Set(mutants.map(({ file }) => file)).size} files`);
  await runTests({ root, mutants, isNearOnly: values.near, state, stateFolder, onTrouble: show });
  const judged = judge(mutants, state, explanations);
  show(reportOf(judged));
  for (const test of state.broken()) show(`fails without a mutant, and was left out: ${test}`);
  for (const { file, original } of staleOf(explanations, judged)) show(`explained, but found: ${file}: ${original}`);
  show(`took ${Math.round((performance.now() - startedAt) / 1000)} seconds`);
  if (values.json !== undefined)
    writeFileSync(values.json, JSON.stringify({ scores: scoresOf(judged), judged }, null, 1));
  // tests that find mutants fail, and say so by the exit code, too
  process.exitCode = scoresOf(judged).some((score) => score.unexplainedPercent > MOST_UNEXPLAINED_PERCENT) ? 1 : 0;
} finally {
  rmSync(stateFolder, { recursive: true, force: true });
}
