/** Either the names in an order that suits all dependencies, or one cycle, its first name repeated at the end. */
export type Ordering =
  | { readonly order: readonly string[]; readonly cycle?: undefined }
  | { readonly order?: undefined; readonly cycle: readonly string[] };

/**
 * Puts what others depend on first and keeps the given order otherwise.
 * @param dependenciesOf names that are not among `names` are passed over.
 */
export function orderByDependency(
  names: readonly string[],
  dependenciesOf: (name: string) => Iterable<string>,
): Ordering {
  const known = new Set(names);
  const order: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];

  const visit = (name: string): readonly string[] | undefined => {
    if (done.has(name)) return undefined;
    const from = path.indexOf(name);
    if (from >= 0) return [...path.slice(from), name];
    path.push(name);
    for (const dependency of dependenciesOf(name)) {
      const cycle = known.has(dependency) ? visit(dependency) : undefined;
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(name);
    order.push(name);
    return undefined;
  };

  for (const name of names) {
    const cycle = visit(name);
    if (cycle !== undefined) return { cycle };
  }
  return { order };
}
