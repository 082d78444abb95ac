import type { Random } from '../seeded-random.ts';

/**
 * Visits every name once, one at a time, each after all that it depends on; which of those that may be next is drawn.
 * @param dependenciesOf names that are not among `names` are passed over; they must not form a cycle.
 */
export async function visitInRandomOrder(
  names: readonly string[],
  dependenciesOf: (name: string) => Iterable<string>,
  random: Random,
  visit: (name: string) => Promise<void>,
): Promise<void> {
  const left = new Set(names);
  const blockers = new Map(names.map((name) => [name, [...dependenciesOf(name)]]));
  while (left.size > 0) {
    const ready = [...left].filter((name) => blockers.get(name)?.every((other) => other === name || !left.has(other)));
    const next = ready[Math.floor(random() * ready.length)];
    if (next === undefined) throw new RangeError(`resources depend on each other: ${[...left].join(', ')}`);
    await visit(next);
    left.delete(next);
  }
}

/** The same dependencies, seen from what is depended on: what must be gone before it. */
export function dependentsOf(
  names: readonly string[],
  dependenciesOf: (name: string) => Iterable<string>,
): (name: string) => Iterable<string> {
  const dependents = new Map<string, string[]>();
  for (const name of names) {
    for (const dependency of dependenciesOf(name)) {
      dependents.set(dependency, [...(dependents.get(dependency) ?? []), name]);
    }
  }
  return (name) => dependents.get(name) ?? [];
}
