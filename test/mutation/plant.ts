import { type Change, changesOf } from './operators.ts';
import { walk } from './syntax.ts';

/** A change with a number and a place for people. */
export interface Mutant extends Change {
  readonly id: number;
  /** From the root of the repository. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The text that is replaced. */
  readonly original: string;
}

/** Asked with a mutant's number whether it is the one that is tried. */
export const SWITCH = '__isPlanted';

/** Every mutant of a file, numbered from `firstId` on. */
export function mutantsOf(file: string, source: string, firstId: number): readonly Mutant[] {
  const changes: Change[] = [];
  walk(file, source, (place) => void changes.push(...changesOf(source, place)));
  return changes.map((change, index) => ({
    ...change,
    id: firstId + index,
    file,
    line: source.slice(0, change.start).split('\n').length,
    original: source.slice(change.start, change.end),
  }));
}

/** Mutants of one place, and those within. */
interface Group {
  readonly start: number;
  readonly end: number;
  readonly mutants: Mutant[];
  readonly inner: Group[];
}

/** The text with all mutants in it, each behind a switch. */
export function plant(source: string, mutants: readonly Mutant[]): string {
  const root: Group = { start: 0, end: source.length, mutants: [], inner: [] };
  const path = [root];
  const ordered = mutants.toSorted((a, b) => a.start - b.start || b.end - a.end);
  for (const mutant of ordered) {
    while (path.length > 1 && (path.at(-1)?.end ?? 0) < mutant.end) path.pop();
    const group = path.at(-1) ?? root;
    if (group !== root && group.start === mutant.start && group.end === mutant.end) group.mutants.push(mutant);
    else {
      const next = { start: mutant.start, end: mutant.end, mutants: [mutant], inner: [] };
      group.inner.push(next);
      path.push(next);
    }
  }
  return render(source, root);
}

function render(source: string, { start, end, mutants, inner }: Group): string {
  let text = '';
  let at = start;
  for (const group of inner) {
    text += source.slice(at, group.start) + render(source, group);
    at = group.end;
  }
  text += source.slice(at, end);
  return mutants.reduceRight(switched, mutants[0]?.kind === 'expression' ? `(${text})` : text);
}

function switched(text: string, { id, kind, replacement }: Mutant): string {
  if (kind === 'expression') return `(${SWITCH}(${id}) ? (${replacement}) : ${text})`;
  return `{ if (${SWITCH}(${id})) {} else ${kind === 'block' ? text : `{ ${text} }`} }`;
}
