import type { Assembly, AssemblyStack } from './assembly.ts';
import { objectAt, stringAt } from './json.ts';

/** An assembly without what the run is not to have. */
export interface ReducedAssembly {
  readonly assembly: Assembly;
  /** Types of the resources that each name leaves out; empty for a name that matches nothing. */
  readonly leftOut: ReadonlyMap<string, readonly string[]>;
}

interface Named {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  readonly constructPath: string;
}

/**
 * Leaves resources out, each by the path of a construct, with everything below it, or by its logical id. A stack that is named
 * is left out as a whole, and so is one of which nothing is left, such as those of a stage that is named.
 */
export function leaveOut(assembly: Assembly, names: readonly string[]): ReducedAssembly {
  const leftOut = new Map<string, string[]>(names.map((name) => [name, []]));
  const stacks = assembly.stacks.flatMap((stack): AssemblyStack[] => {
    const gone = new Set<string>();
    for (const resource of resourcesOf(stack)) {
      const own = [...leftOut].filter(([name]) => isNamed(resource, name));
      for (const [, types] of own) types.push(resource.type);
      if (own.length > 0) gone.add(resource.logicalId);
    }
    const isWhole = gone.size > 0 && gone.size === resourcesOf(stack).length;
    return isWhole || names.includes(stack.stackName) ? [] : [{ ...stack, leftOut: gone }];
  });
  return { assembly: { ...assembly, stacks }, leftOut };
}

/** Everything that can be left out by its name: stacks, constructs and logical ids. */
export const namesIn = ({ stacks }: Assembly): readonly string[] => [
  ...new Set(
    stacks.flatMap((stack) => [
      stack.stackName,
      ...resourcesOf(stack).flatMap(({ logicalId, constructPath }) => [logicalId, ...withParents(constructPath)]),
    ]),
  ),
];

/** The construct that a resource belongs to: a path to leave out leaves out what belongs to it, such as its role. */
export const constructOf = (constructPath: string): string => constructPath.replace(/\/(Resource|Default)$/, '');

function isNamed({ stackName, logicalId, constructPath }: Named, name: string): boolean {
  return name === logicalId || name === stackName || withParents(constructPath).includes(name);
}

const withParents = (path: string): readonly string[] => {
  const parts = path.split('/');
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
};

const resourcesOf = ({ stackName, template }: AssemblyStack): readonly Named[] =>
  Object.entries(objectAt(template, 'Resources')).map(([logicalId, element]) => ({
    stackName,
    logicalId,
    type: stringAt(element, 'Type') ?? '',
    constructPath: constructPathOf(stackName, logicalId, element),
  }));

/** From the metadata that the CDK CLI adds; `<stack>/<logical id>` where it has none. */
export const constructPathOf = (stackName: string, logicalId: string, element: unknown): string =>
  stringAt(objectAt(element, 'Metadata'), 'aws:cdk:path') ?? `${stackName}/${logicalId}`;
