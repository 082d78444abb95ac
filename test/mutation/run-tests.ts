import { relative } from 'node:path';
import { createVitest, type TestSpecification, type Vitest } from 'vitest/node';
import { type Mutant, plant } from './plant.ts';
import type { TrialState } from './trial-state.ts';

export interface RunTestsOptions {
  readonly root: string;
  readonly mutants: readonly Mutant[];
  /** Leaves out tests of other folders, but for the contracts of the ports. */
  readonly isNearOnly: boolean;
  readonly state: TrialState;
  readonly stateFolder: string;
  /** Hears which file is begun anew, and which one cannot be finished. */
  readonly onTrouble: (message: string) => void;
}

/** Tests of the library and the contracts of its adapters: thousands in seconds. */
const TESTS = ['test/lib/**/*.test.ts', 'test/contracts/ports/**/*.test.ts'];

const CONTRACTS = 'test/contracts/';
const isContract = ({ moduleId }: TestSpecification, root: string) => relative(root, moduleId).startsWith(CONTRACTS);

/** A process that tries one mutant for so long is ended, and the mutant is found: it hears its own limits no more. */
const MOST_MS_PER_TRIAL = 90_000;
const LOOKS_EVERY_MS = 2_000;

/** Folders whose tests are those of another one, too. */
const TESTED_BY: Readonly<Record<string, readonly string[]>> = { 'lib/ordering': ['lib/consumer'] };

/** A file is begun anew after a process was ended, or a mutant has left something behind. */
const MOST_ROUNDS = 12;

/** Test files that one mutant is tried with from the start, and how many of them at a time. */
const MOST_FILES_FROM_START = 24;
const FILES_AT_A_TIME = 4;

/** Tries all mutants with the tests that reach them. */
export async function runTests(options: RunTestsOptions): Promise<void> {
  const { root, mutants, state, stateFolder, onTrouble } = options;
  Object.assign(process.env, { MUTATION_STATE: stateFolder, MUTATION_ACTIVE: '0', MUTATION_NEAR: '1' });
  const vitest = await createVitest(
    'test',
    {
      root,
      config: false,
      watch: false,
      include: TESTS,
      runner: `${root}/test/mutation/runner.ts`,
      // what an earlier run has planted must not come again
      fsModuleCache: false,
      pool: 'forks',
      maxWorkers: 2,
      // its own limits come first
      testTimeout: 300_000,
      hookTimeout: 300_000,
      reporters: [{}],
      onConsoleLog: () => false,
      dangerouslyIgnoreUnhandledErrors: true,
    },
    { plugins: [planting(root, mutants)] },
  );
  const watchdog = setInterval(() => endStuck(state), LOOKS_EVERY_MS);
  try {
    const specifications = nearestFirst(await vitest.globTestSpecifications(), root, mutants);
    const [near, all] = specifications;
    const far = options.isNearOnly ? all.filter((specification) => isContract(specification, root)) : all;
    await inRounds(vitest, near, state, root, onTrouble);
    process.env['MUTATION_NEAR'] = '';
    if (!mutants.every(({ id }) => state.isKilled(id))) await inRounds(vitest, far, state, root, onTrouble);
    await fromStart(vitest, [...near, ...far], mutants, state, root);
  } finally {
    clearInterval(watchdog);
    await vitest.close();
  }
}

const planting = (root: string, mutants: readonly Mutant[]) => {
  const byFile = Map.groupBy(mutants, ({ file }) => file);
  return {
    name: 'plant mutants',
    enforce: 'pre' as const,
    transform(source: string, id: string) {
      const planted = byFile.get(relative(root, id.split('?')[0] ?? ''));
      return planted === undefined ? undefined : { code: plant(source, planted), map: null };
    },
  };
};

/**
 * Tests that stand where the mutants do find most of them, those named after the mutants' files first; all others,
 * contracts first; and properties take long.
 */
function nearestFirst(specifications: readonly TestSpecification[], root: string, mutants: readonly Mutant[]) {
  const files = new Set(mutants.map(({ file }) => file));
  const own = [...new Set([...files].map((file) => file.split('/').slice(0, 2).join('/')))];
  const near = [...own, ...own.flatMap((folder) => TESTED_BY[folder] ?? [])];
  const fileOf = ({ moduleId }: TestSpecification) => relative(root, moduleId);
  const isIn = (folders: readonly string[], file: string) =>
    folders.some((folder) => file.startsWith(`test/${folder}/`));
  const rank = (file: string) => {
    if (/propert/.test(file)) return 4;
    if (files.has(file.replace(/^test\/(.*)\.test\.ts$/, '$1.ts'))) return 0;
    if (isIn(own, file)) return 1;
    return file.startsWith(CONTRACTS) ? 2 : 3;
  };
  const sorted = specifications.toSorted((a, b) => rank(fileOf(a)) - rank(fileOf(b)));
  return [
    sorted.filter((specification) => isIn(near, fileOf(specification))),
    sorted.filter((specification) => !isIn(near, fileOf(specification))),
  ] as const;
}

async function inRounds(
  vitest: Vitest,
  specifications: readonly TestSpecification[],
  state: TrialState,
  root: string,
  onTrouble: (message: string) => void,
): Promise<void> {
  const fileOf = ({ moduleId }: TestSpecification) => relative(root, moduleId);
  vitest.config.sequence.sequencer = class {
    async shard(files: TestSpecification[]) {
      return files;
    }
    async sort(files: TestSpecification[]) {
      const places = new Map(specifications.map(({ moduleId }, index) => [moduleId, index]));
      return files.toSorted((a, b) => (places.get(a.moduleId) ?? 0) - (places.get(b.moduleId) ?? 0));
    }
  };
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const left = specifications.filter((specification) => !state.isFinished(fileOf(specification)));
    if (left.length === 0) return;
    if (round > 1) onTrouble(`begun anew: ${left.map(fileOf).join(', ')}`);
    await vitest.runTestSpecifications([...left], false);
  }
  const left = specifications.filter((specification) => !state.isFinished(fileOf(specification)));
  for (const specification of left) onTrouble(`not finished: ${fileOf(specification)}`);
}

/** What runs while a file is loaded, or before all of its tests, is planted from the start. */
async function fromStart(
  vitest: Vitest,
  specifications: readonly TestSpecification[],
  mutants: readonly Mutant[],
  state: TrialState,
  root: string,
): Promise<void> {
  const reachedBy = state.reachedBy('outside');
  for (const { id } of mutants) {
    if (state.isKilled(id)) continue;
    const files = new Set(reachedBy.get(id));
    const some = specifications.filter(({ moduleId }) => files.has(relative(root, moduleId)));
    process.env['MUTATION_ACTIVE'] = String(id);
    for (let at = 0; at < Math.min(some.length, MOST_FILES_FROM_START) && !state.isKilled(id); at += FILES_AT_A_TIME) {
      await vitest.runTestSpecifications(some.slice(at, at + FILES_AT_A_TIME), false);
      const failed = vitest.state.getFiles().some(({ result }) => result?.state === 'fail');
      if (failed && !state.isKilled(id)) state.kill(id, { by: 'a file that cannot be loaded', how: 'test' });
    }
  }
}

function endStuck(state: TrialState): void {
  for (const { pid, mutant, test, at } of state.beats()) {
    if (Date.now() - at < MOST_MS_PER_TRIAL) continue;
    state.kill(mutant, { by: test, how: 'time' });
    state.beat(pid, undefined);
    process.kill(pid, 'SIGKILL');
  }
}
