import type { Mutant } from './plant.ts';
import type { TrialState } from './trial-state.ts';

/** A survivor that no test can find, or need not. */
export interface Explanation {
  /** A file, or a folder with a slash at its end. */
  readonly file: string;
  readonly operator: string;
  /** The text that is replaced, or what stands between two slashes as a regular expression. */
  readonly original: string;
  /** @default - any */
  readonly replacement?: string;
  readonly because: string;
}

type Fate = 'killed' | 'time-out' | 'survived' | 'not reached';

export interface JudgedMutant {
  readonly file: string;
  readonly line: number;
  readonly operator: string;
  readonly original: string;
  readonly replacement: string;
  readonly fate: Fate;
  /** The test that found it. */
  readonly by?: string | undefined;
  /** Why it may survive. */
  readonly because?: string | undefined;
}

export interface FolderScore {
  readonly folder: string;
  readonly mutants: number;
  readonly killed: number;
  readonly timeOuts: number;
  readonly survived: number;
  readonly notReached: number;
  /** Of those that live on. */
  readonly explained: number;
  /** Share of the mutants that lives on unexplained, in percent. */
  readonly unexplainedPercent: number;
}

export function judge(
  mutants: readonly Mutant[],
  state: Pick<TrialState, 'killOf' | 'reachedBy'>,
  explanations: readonly Explanation[],
): readonly JudgedMutant[] {
  const reached = new Set([...state.reachedBy('in tests').keys(), ...state.reachedBy('outside').keys()]);
  return mutants.map(({ id, file, line, operator, original, replacement }) => {
    const place = { file, line, operator, original, replacement };
    const kill = state.killOf(id);
    if (kill !== undefined) return { ...place, fate: kill.how === 'time' ? 'time-out' : 'killed', by: kill.by };
    const because = explanations.find((explanation) => explains(explanation, place))?.because;
    return { ...place, fate: reached.has(id) ? 'survived' : 'not reached', because };
  });
}

const explains = (
  { file, operator, original, replacement }: Explanation,
  mutant: Pick<JudgedMutant, 'file' | 'operator' | 'original' | 'replacement'>,
): boolean => {
  const pattern = /^\/(.*)\/$/.exec(original)?.[1];
  return (
    (file.endsWith('/') ? mutant.file.startsWith(file) : mutant.file === file) &&
    operator === mutant.operator &&
    (pattern === undefined ? original === mutant.original : new RegExp(pattern).test(mutant.original)) &&
    (replacement === undefined || replacement === mutant.replacement)
  );
};

/** Explanations of what does not survive, or is no more. */
export const staleOf = (
  explanations: readonly Explanation[],
  judged: readonly JudgedMutant[],
): readonly Explanation[] => {
  const files = new Set(judged.map(({ file }) => file));
  return explanations.filter(
    (explanation) =>
      (files.has(explanation.file) || explanation.file.endsWith('/')) &&
      !judged.some((mutant) => mutant.because !== undefined && explains(explanation, mutant)),
  );
};

const livesOn = ({ fate }: JudgedMutant): boolean => fate === 'survived' || fate === 'not reached';

export function scoresOf(judged: readonly JudgedMutant[]): readonly FolderScore[] {
  const folders = Map.groupBy(judged, ({ file }) => file.split('/').slice(0, 2).join('/'));
  return [...folders].map(([folder, mutants]) => {
    const count = (fate: Fate) => mutants.filter((mutant) => mutant.fate === fate).length;
    const living = mutants.filter(livesOn);
    const explained = living.filter(({ because }) => because !== undefined).length;
    return {
      folder,
      mutants: mutants.length,
      killed: count('killed'),
      timeOuts: count('time-out'),
      survived: count('survived'),
      notReached: count('not reached'),
      explained,
      unexplainedPercent: (100 * (living.length - explained)) / mutants.length,
    };
  });
}

export function reportOf(judged: readonly JudgedMutant[]): string {
  const lines: string[] = [];
  for (const mutant of judged.filter((each) => livesOn(each) && each.because === undefined)) {
    lines.push(`${mutant.fate}: ${mutant.file}:${mutant.line} ${mutant.operator}`);
    lines.push(`  - ${brief(mutant.original)}`, `  + ${brief(mutant.replacement)}`);
  }
  lines.push('', HEAD.join('  '));
  for (const score of scoresOf(judged)) {
    const { folder, mutants, killed, timeOuts, survived, notReached, explained, unexplainedPercent } = score;
    const cells = [mutants, killed, timeOuts, survived, notReached, explained, `${unexplainedPercent.toFixed(1)} %`];
    lines.push(
      [folder.padEnd(16), ...cells.map((cell, at) => String(cell).padStart(HEAD[at + 1]?.length ?? 0))].join('  '),
    );
  }
  return lines.join('\n');
}

const HEAD = [
  'folder'.padEnd(16),
  'mutants',
  'killed',
  'time-outs',
  'survived',
  'not reached',
  'explained',
  'unexplained',
];

const LONGEST = 160;

const brief = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line || '(nothing)';
};
