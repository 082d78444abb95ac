import { hash } from 'node:crypto';
import type { Planted } from '../planted.ts';
import { STARTS_AT } from '../simulation.ts';
import { createProgram } from './program.ts';
import { hasDeployment, type Scope } from './scope.ts';
import { canonical, cursorOf, type State } from './state.ts';
import { type Explored, stepsFrom } from './steps.ts';
import { createWorld } from './world.ts';

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** Distinct states in which nothing can happen any more. */
  readonly ends: number;
  /** Steps of the longest of the shortest ways to a state. */
  readonly depth: number;
  /** How often the code under test was run for one more answer. */
  readonly runs: number;
  /** Whether every state was visited. */
  readonly isComplete: boolean;
  readonly finding: ExhaustiveFinding | undefined;
}

interface ExhaustiveFinding {
  readonly wrong: string;
  /** The shortest way there, a sentence for each step. */
  readonly story: readonly string[];
}

export interface ExploreOptions {
  readonly planted?: Planted | undefined;
  /** After so many states it gives up. @default - never */
  readonly maxStates?: number;
  readonly onProgress?: (states: number) => void;
}

/** Visits every state that can be reached, the nearest first; ends at the first promise that is broken. */
export async function explore(scope: Scope, options: ExploreOptions = {}): Promise<Exploration> {
  const { planted = {}, maxStates = Number.POSITIVE_INFINITY, onProgress = () => {} } = options;
  const world = await createWorld(scope, planted);
  const program = createProgram();
  const explored: Explored = { scope, world, program };
  const start = initial(scope, world.tables);
  const ids = new Map<string, number>([[keyOf(start), 0]]);
  const parents: number[] = [-1];
  const taken: number[] = [-1];
  const edges: number[] = [];
  const ends: number[] = [];
  let frontier: { readonly id: number; readonly state: State }[] = [{ id: 0, state: start }];
  let transitions = 0;
  let depth = 0;

  const result = (finding: ExhaustiveFinding | undefined, isComplete: boolean): Exploration => ({
    states: ids.size,
    transitions,
    ends: ends.length,
    depth,
    runs: program.runs(),
    isComplete,
    finding,
  });
  const story = async (id: number) => tell(await wayTo(id, parents, taken), start, explored);

  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const { id, state } of frontier) {
      const steps = stepsFrom(state, explored);
      if (steps.length === 0) {
        ends.push(id);
        const wrong = wrongInTheEnd(state, scope);
        if (wrong !== undefined) return result({ wrong, story: await story(id) }, false);
      }
      for (const [index, step] of steps.entries()) {
        transitions += 1;
        const after = await step.next();
        const key = keyOf(after);
        let known = ids.get(key);
        if (known === undefined) {
          known = ids.size;
          ids.set(key, known);
          parents.push(id);
          taken.push(index);
          next.push({ id: known, state: after });
          if (after.wrong !== undefined) return result({ wrong: after.wrong, story: await story(known) }, false);
        }
        edges.push(id, known);
      }
    }
    onProgress(ids.size);
    if (ids.size > maxStates) return result(undefined, false);
    frontier = next;
    if (frontier.length > 0) depth += 1;
  }
  const trapped = firstTrapped(ids.size, edges, ends);
  if (trapped === undefined) return result(undefined, true);
  return result({ wrong: 'from here on the group never comes to rest', story: await story(trapped) }, true);
}

const keyOf = (state: State): string => hash('sha1', canonical(state), 'base64');

const initial = (scope: Scope, tables: State['tables']): State => ({
  now: STARTS_AT,
  tables,
  before: (scope.staleReads ?? 0) > 0 ? tables : undefined,
  hole: scope.hole,
  undelivered: Array.from({ length: scope.events }, (_, index) => index + 1),
  queue: [],
  letters: [],
  workers: [],
  budget: {
    crashes: scope.crashes ?? 0,
    stalls: scope.stalls ?? 0,
    slow: scope.slow ?? 0,
    earlyReturns: scope.earlyReturns ?? 0,
    duplicates: scope.duplicates ?? 0,
    lostAnswers: scope.lostAnswers ?? 0,
    staleReads: scope.staleReads ?? 0,
    redrives: scope.redrives ?? 0,
    expiries: scope.expiries ?? 0,
  },
  handled: [],
  skipped: [],
  tries: 0,
  redriven: false,
  code: hasDeployment(scope) ? 'old' : 'new',
  skip: 'none',
  count: 0,
  wrong: undefined,
});

/** Nothing can happen any more: then everything has had its effect, or an operator has stepped over it. */
function wrongInTheEnd({ handled, skipped, queue, letters, tables }: State, { events }: Scope): string | undefined {
  for (let sequence = 1; sequence <= events; sequence++) {
    if (!handled.includes(sequence) && !skipped.includes(sequence)) {
      return `e${sequence} was not handled, and nothing is left that could bring it`;
    }
  }
  const [left] = [...queue, ...letters];
  if (left !== undefined) return `e${left.sequence} lies in a queue for good`;
  const cursor = cursorOf(tables);
  if (cursor?.blockedBy !== undefined)
    return `the group waits for e${cursor.blockedBy.sequence}, whose message is nowhere`;
  if (cursor !== undefined && cursor.processed < cursor.seen) {
    return `the group has seen e${cursor.seen}, has processed ${cursor.processed}, and no message of it is left`;
  }
  return undefined;
}

/** A state from which no end can be reached, the nearest to the start. */
function firstTrapped(states: number, edges: readonly number[], ends: readonly number[]): number | undefined {
  const into = Array.from({ length: states }, (): number[] => []);
  for (let index = 0; index < edges.length; index += 2) into[edges[index + 1] ?? 0]?.push(edges[index] ?? 0);
  const isSafe = new Uint8Array(states);
  const open = [...ends];
  for (const end of ends) isSafe[end] = 1;
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const from of into[id] ?? []) {
      if (isSafe[from] === 1) continue;
      isSafe[from] = 1;
      open.push(from);
    }
  }
  const trapped = isSafe.indexOf(0);
  return trapped === -1 ? undefined : trapped;
}

async function wayTo(id: number, parents: readonly number[], taken: readonly number[]): Promise<readonly number[]> {
  const way: number[] = [];
  for (let at = id; at > 0; at = parents[at] ?? 0) way.unshift(taken[at] ?? 0);
  return way;
}

/** Takes the steps once more, and says what they are. */
async function tell(way: readonly number[], start: State, explored: Explored): Promise<readonly string[]> {
  const told: string[] = [];
  let state = start;
  for (const index of way) {
    const step = stepsFrom(state, explored)[index];
    if (step === undefined) throw new Error('the same state did not offer the same steps');
    told.push(step.told());
    state = await step.next();
  }
  return told;
}
