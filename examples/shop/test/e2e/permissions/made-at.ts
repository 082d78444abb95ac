/** The resource that the CDK code makes at a path, given by its end: `Hub/Outbox`. */
export function madeAt<R extends { readonly constructPath: string }>(resources: readonly R[], path: string): R {
  const found = resources.find(({ constructPath }) => constructPath.endsWith(`/${path}/Resource`));
  if (found === undefined) throw new Error(`the stacks make nothing at ${path}`);
  return found;
}
