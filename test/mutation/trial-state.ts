import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** How a mutant was found. */
export interface Kill {
  readonly by: string;
  readonly how: 'test' | 'time';
}

interface Beat {
  readonly mutant: number;
  readonly test: string;
  readonly at: number;
}

/** What the processes of a run know of each other, in files of a folder: a process may be ended at any moment. */
export interface TrialState {
  kill(mutant: number, kill: Kill): void;
  /** Takes back that a mutant was found. */
  revive(mutant: number): void;
  killOf(mutant: number): Kill | undefined;
  isKilled(mutant: number): boolean;
  /** Notes time that a mutant has survived. */
  spend(mutant: number, ms: number): void;
  spentMs(mutant: number): number;
  /** Notes a test that the mutant has survived. */
  survive(file: string, test: string, mutant: number): void;
  survivedIn(file: string): ReadonlySet<string>;
  /** Notes mutants that tests of the file reach. */
  reach(file: string, mutants: Iterable<number>, when: 'in tests' | 'outside'): void;
  reachedBy(when: 'in tests' | 'outside'): ReadonlyMap<number, readonly string[]>;
  /** Says what this process tries now; undefined: nothing. */
  beat(pid: number, beat: Beat | undefined): void;
  beats(): readonly (Beat & { readonly pid: number })[];
  finish(file: string): void;
  isFinished(file: string): boolean;
  /** Notes a test that fails without any mutant. */
  breakDown(file: string, test: string): void;
  broken(): readonly string[];
}

/** Time is noted by the length of a file. */
const MS_PER_BYTE = 20;

const FOLDERS = ['killed', 'spent', 'survived', 'reached', 'beats', 'finished', 'broken'] as const;

export const pairOf = (test: string, mutant: number): string => `${mutant} ${test}`;

export function openTrialState(folder: string): TrialState {
  for (const name of FOLDERS) mkdirSync(join(folder, name), { recursive: true });
  const at = (name: (typeof FOLDERS)[number], key: string | number) => join(folder, name, String(key));
  const hash = (file: string) => createHash('sha256').update(file).digest('hex').slice(0, 16);
  const lines = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []);
  const all = (name: (typeof FOLDERS)[number]) => readdirSync(join(folder, name));

  return {
    kill(mutant, kill) {
      if (!existsSync(at('killed', mutant))) writeFileSync(at('killed', mutant), JSON.stringify(kill));
    },
    revive: (mutant) => rmSync(at('killed', mutant), { force: true }),
    killOf: (mutant) =>
      existsSync(at('killed', mutant)) ? JSON.parse(readFileSync(at('killed', mutant), 'utf8')) : undefined,
    isKilled: (mutant) => existsSync(at('killed', mutant)),
    spend: (mutant, ms) => appendFileSync(at('spent', mutant), '.'.repeat(Math.ceil(ms / MS_PER_BYTE))),
    spentMs: (mutant) => (statSync(at('spent', mutant), { throwIfNoEntry: false })?.size ?? 0) * MS_PER_BYTE,
    survive: (file, test, mutant) => appendFileSync(at('survived', hash(file)), `${pairOf(test, mutant)}\n`),
    survivedIn: (file) => new Set(lines(at('survived', hash(file)))),
    reach(file, mutants, when) {
      appendFileSync(at('reached', hash(file)), `${JSON.stringify({ file, when, mutants: [...mutants] })}\n`);
    },
    reachedBy(when) {
      const files = new Map<number, Set<string>>();
      for (const line of all('reached').flatMap((name) => lines(at('reached', name)))) {
        const reached = JSON.parse(line) as { file: string; when: string; mutants: number[] };
        if (reached.when !== when) continue;
        for (const mutant of reached.mutants) {
          files.set(mutant, (files.get(mutant) ?? new Set<string>()).add(reached.file));
        }
      }
      return new Map([...files].map(([mutant, names]) => [mutant, [...names]]));
    },
    beat: (pid, beat) => writeFileSync(at('beats', pid), beat === undefined ? '' : JSON.stringify(beat)),
    beats: () =>
      all('beats').flatMap((pid) => {
        const text = readFileSync(at('beats', pid), 'utf8');
        try {
          return text === '' ? [] : [{ ...(JSON.parse(text) as Beat), pid: Number(pid) }];
        } catch {
          // half written
          return [];
        }
      }),
    finish: (file) => writeFileSync(at('finished', hash(file)), ''),
    isFinished: (file) => existsSync(at('finished', hash(file))),
    breakDown: (file, test) => writeFileSync(at('broken', hash(file + test)), `${file}: ${test}`),
    broken: () => all('broken').map((name) => readFileSync(at('broken', name), 'utf8')),
  };
}
