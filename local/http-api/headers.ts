export type Headers = readonly (readonly [name: string, value: string])[];

/** All values of a header, in their order, joined as HTTP allows; undefined when there is none. */
export function headerOf(headers: Headers, name: string): string | undefined {
  const values = headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(',');
}
