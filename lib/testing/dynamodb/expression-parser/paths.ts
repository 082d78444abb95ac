import type { DocumentPath } from '../expressions.ts';
import { nameOf, type ParseContext } from './placeholders.ts';
import { ExpressionProblem } from './problem.ts';
import type { PathNode } from './syntax.ts';

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_STEPS = 32;
const MAX_LIST_INDEX = 2 ** 31 - 1;

/** Checks the parts of a path that do not depend on its placeholders. */
export function checkPathSyntax({ steps }: PathNode, isReserved: (name: string) => boolean): void {
  for (const step of steps) {
    if (step.kind === 'name' && isReserved(step.name)) {
      throw new ExpressionProblem(`Attribute name is a reserved keyword; reserved keyword: ${step.name}`);
    }
    if (step.kind === 'index' && Number(step.digits) > MAX_LIST_INDEX) {
      throw new ExpressionProblem(`List index is not within the allowable range; index: [${step.digits}]`);
    }
  }
}

export function resolvePath({ steps }: PathNode, context: ParseContext): DocumentPath {
  const path = steps.map((step) => {
    if (step.kind === 'index') return Number(step.digits);
    return step.kind === 'name' ? step.name : nameOf(step.placeholder, context);
  });
  if (path.length > MAX_STEPS) {
    throw new ExpressionProblem(`The document path has too many nesting levels; nesting levels: ${path.length}`);
  }
  return path;
}

export const samePath = (a: DocumentPath, b: DocumentPath): boolean =>
  a.length === b.length && a.every((step, index) => step === b[index]);

export const pathText = (path: DocumentPath): string =>
  `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`;

/** The first names of paths, in the format of the rules of keys. */
export const headsOf = (paths: readonly DocumentPath[]): Record<string, true> =>
  Object.fromEntries(paths.map(([head]) => [String(head), true]));

/** The first names of paths to nested values. */
export const nestedHeadsOf = (paths: readonly DocumentPath[]): Record<string, true> =>
  headsOf(paths.filter((path) => path.length > 1));

interface Branch {
  readonly branches: Map<string | number, Branch>;
  /** The path that created the branch. */
  readonly madeBy: DocumentPath;
  end: DocumentPath | undefined;
}

const branchOf = (madeBy: DocumentPath): Branch => ({ branches: new Map(), madeBy, end: undefined });

/**
 * Paths of one expression must not overlap, or use the same place as a list and as a map.
 * @throws ExpressionProblem
 */
export function checkClashes(paths: readonly DocumentPath[]): void {
  const root = branchOf([]);
  let conflict: string | undefined;
  for (const path of paths) {
    let branch = root;
    for (const step of path) {
      if (branch.end !== undefined) throw clash('overlap', branch.end, path);
      const [sibling] = branch.branches;
      if (sibling !== undefined && typeof sibling[0] !== typeof step) {
        conflict ??= clash('conflict', sibling[1].madeBy, path).message;
      }
      const next = branch.branches.get(step) ?? branchOf(path);
      branch.branches.set(step, next);
      branch = next;
    }
    const other = branch.end ?? [...branch.branches.values()][0]?.madeBy;
    if (other !== undefined) throw clash('overlap', other, path);
    branch.end = path;
  }
  if (conflict !== undefined) throw new ExpressionProblem(conflict);
}

const clash = (kind: 'overlap' | 'conflict', one: DocumentPath, two: DocumentPath) =>
  new ExpressionProblem(
    `Two document paths ${kind} with each other; must remove or rewrite one of these paths; path one: ${pathText(one)}, path two: ${pathText(two)}`,
  );
