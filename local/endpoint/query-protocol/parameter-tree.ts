/** Flat parameters by the dots in their names: `Tag.1.Key` is `Key` of `1` of `Tag`. */
export interface ParameterTree {
  readonly text?: string;
  readonly children: ReadonlyMap<string, ParameterTree>;
}

interface GrowingTree {
  text?: string;
  readonly children: Map<string, GrowingTree>;
}

/** More than any shape has; a longer name stands for nothing, and would cost a map for each of its dots. */
const MOST_STEPS = 16;

/** The first of several parameters with one name counts. */
export function growTree(parameters: URLSearchParams): ParameterTree {
  const root: GrowingTree = { children: new Map() };
  for (const [name, text] of parameters) {
    const steps = name.split('.', MOST_STEPS + 1);
    if (steps.length > MOST_STEPS) continue;
    let node = root;
    for (const step of steps) {
      const next: GrowingTree = node.children.get(step) ?? { children: new Map() };
      node.children.set(step, next);
      node = next;
    }
    node.text ??= text;
  }
  return root;
}

/** The numbered children in the order of their numbers, which need neither start at 1 nor be without gaps. */
export const numbered = (tree: ParameterTree): readonly ParameterTree[] =>
  [...tree.children]
    .filter(([step]) => /^\d+$/.test(step))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child);
