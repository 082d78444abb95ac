import type { Assembly } from '../../../local/template/assembly.ts';

interface Template {
  readonly Resources?: object;
  readonly [section: string]: unknown;
}

/** An assembly of stacks that are bound to no environment, by their names. */
export const stacksOf = (
  templates: Readonly<Record<string, Template>>,
  assetPaths: ReadonlyMap<string, string> = new Map(),
): Assembly => ({
  assetPaths,
  stacks: Object.entries(templates).map(([stackName, template]) => ({
    stackName,
    account: undefined,
    region: undefined,
    template: { Resources: {}, ...template },
  })),
});
