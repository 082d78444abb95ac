export type QueryValue = string | number | boolean;

/**
 * Parameters of a request: filters, sorting, the place in a list. A list of values becomes one parameter for each value;
 * undefined is left out.
 */
export type Query = Readonly<Record<string, QueryValue | readonly QueryValue[] | undefined>>;

/** `?country=GB&service=a&service=b`; empty without parameters. */
export function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const values = value === undefined ? [] : Array.isArray(value) ? value : [value];
    for (const each of values) parameters.append(name, String(each));
  }
  return parameters.size === 0 ? '' : `?${parameters}`;
}
