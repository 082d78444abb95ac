import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../../local/seeded-random.ts';
import { type Mutant, mutantsOf } from './plant.ts';

/** What has a promise to keep. */
export const FOLDERS = ['lib/outbox', 'lib/consumer', 'lib/saga', 'lib/projection', 'lib/tenancy'] as const;

/** Only lists names, or stands in for AWS in tests. */
const PASSED_BY = /\/(?:index|in-memory-[^/]*)\.ts$/;

const SAMPLE_SEED = 1;

export interface MutantFilter {
  readonly root: string;
  readonly folders: readonly string[];
  /** A part of the path. */
  readonly file?: string | undefined;
  /** No more than so many, taken at random, the same ones each time. */
  readonly sample?: number | undefined;
}

export function findMutants({ root, folders, file = '', sample }: MutantFilter): readonly Mutant[] {
  const mutants: Mutant[] = [];
  const files = folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root })).sort();
  for (const path of files) {
    if (PASSED_BY.test(path) || !path.includes(file)) continue;
    mutants.push(...mutantsOf(path, readFileSync(join(root, path), 'utf8'), mutants.length + 1));
  }
  if (sample === undefined || sample >= mutants.length) return mutants;
  const random = createRandom(SAMPLE_SEED);
  const drawn = mutants.map((mutant) => ({ mutant, lot: random() })).sort((a, b) => a.lot - b.lot);
  return drawn
    .slice(0, sample)
    .map(({ mutant }) => mutant)
    .sort((a, b) => a.id - b.id);
}
