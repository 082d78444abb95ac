import { type Exploration, explore } from './explore.ts';
import type { Scope } from './scope.ts';

/**
 * Explores scopes one after another, and says what was visited; ends at the first finding.
 * @returns whether every promise was kept
 */
export async function exploreScopes(
  scopes: readonly (readonly [string, Scope])[],
  show: (text: string) => void,
): Promise<boolean> {
  const done: Exploration[] = [];
  show(HEAD);
  for (const [name, scope] of scopes) {
    const exploration = await explore(scope);
    done.push(exploration);
    show(lineOf(name, exploration));
    if (exploration.finding !== undefined) {
      show(tellFinding(name, exploration.finding));
      return false;
    }
  }
  show(
    lineOf('together', {
      states: sum(done.map(({ states }) => states)),
      transitions: sum(done.map(({ transitions }) => transitions)),
      ends: sum(done.map(({ ends }) => ends)),
      depth: Math.max(...done.map(({ depth }) => depth)),
      runs: sum(done.map(({ runs }) => runs)),
    }),
  );
  return true;
}

/** A finding as a story: the shortest one, a sentence for each step. */
export const tellFinding = (scope: string, { wrong, story }: NonNullable<Exploration['finding']>): string =>
  [
    `a promise was broken in the scope '${scope}': ${wrong}`,
    `the shortest way there, in ${story.length} steps:`,
    ...story.map((sentence, index) => `${String(index + 1).padStart(4)}. ${sentence}`),
  ].join('\n');

const COLUMNS = ['states', 'transitions', 'ends', 'depth', 'runs'] as const;
const NAME_WIDTH = 26;
const COLUMN_WIDTH = 12;

const HEAD = `${'scope'.padEnd(NAME_WIDTH)}${COLUMNS.map((column) => column.padStart(COLUMN_WIDTH)).join('')}`;

const lineOf = (name: string, exploration: Pick<Exploration, (typeof COLUMNS)[number]>): string =>
  `${name.padEnd(NAME_WIDTH)}${COLUMNS.map((column) => String(exploration[column]).padStart(COLUMN_WIDTH)).join('')}`;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
