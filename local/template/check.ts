import { consumerNameProblems } from './consumer-names.ts';
import { functionCall, isKnownFunction } from './intrinsics.ts';
import { isObject, stringAt } from './json.ts';
import { constructOf } from './leave-out.ts';
import { orderByDependency } from './order.ts';
import { unknownProperties } from './property-check.ts';
import { namesUsedIn, type Reference, referencesIn } from './references.ts';
import type { ResourceType } from './resource-type.ts';
import type { StackTemplate, TemplateResource } from './template.ts';

export interface CheckInput {
  readonly region: string;
  readonly stacks: readonly StackTemplate[];
  readonly resourceTypes: ReadonlyMap<string, ResourceType>;
  readonly assetPaths: ReadonlyMap<string, string>;
}

export interface Problem {
  /** One line. */
  readonly text: string;
  /** Path of the construct that it is about; undefined when it is about more than one resource. */
  readonly construct?: string;
}

/** Everything that the run could not honour; empty when all stacks can be created. */
export const checkTemplates = (input: CheckInput): Problem[] => [
  ...input.stacks.flatMap((stack) => [
    ...stack.problems.map((text) => ({ text })),
    ...[...stack.resources.values()].flatMap((resource) => {
      const construct = constructOf(resource.constructPath);
      return checkResource(resource, stack, input).map((text) => ({ text, construct }));
    }),
    ...stack.outputs.flatMap((output) =>
      checkReferences([output.value, output.exportName], stack, input).map((problem) => ({
        text: `${stack.stackName}: output '${output.name}' ${problem}`,
      })),
    ),
    ...checkCycles(stack).map((text) => ({ text })),
  ]),
  ...checkExports(input.stacks).map((text) => ({ text })),
  ...consumerNameProblems(input.stacks).map((text) => ({ text })),
];

/** Logical ids of the same stack that must exist before the resource. */
export function dependenciesOf(resource: TemplateResource): ReadonlySet<string> {
  return new Set([...resource.dependsOn, ...namesUsedIn(resource.properties)]);
}

function checkResource(resource: TemplateResource, stack: StackTemplate, input: CheckInput): string[] {
  const label = `${resource.stackName}/${resource.logicalId} (${resource.type})`;
  const type = input.resourceTypes.get(resource.type);
  if (type === undefined) return [`${label}: type '${resource.type}' is not known to the local run`];
  const properties = unknownProperties(resource.properties, type.properties);
  return [
    ...properties.map((path) => `property '${path}' is not known to the local run`),
    ...(type.refuse?.(resource.properties, input.assetPaths) ?? []),
    ...resource.dependsOn
      .filter((id) => !stack.resources.has(id))
      .map((id) => `depends on '${id}', ${whyAbsent(id, stack)}`),
    ...checkReferences(resource.properties, stack, input),
  ].map((problem) => `${label}: ${problem}`);
}

const WITHOUT = 'which --without leaves out: leave this out as well';

const whyAbsent = (logicalId: string, { leftOut }: StackTemplate): string =>
  leftOut.resources.has(logicalId) ? WITHOUT : 'which is not in the template or whose condition does not hold';

const checkReferences = (value: unknown, stack: StackTemplate, input: CheckInput): string[] => [
  ...new Set(
    [...referencesIn(value)]
      .map((reference) => checkReference(reference, stack, input))
      .filter((text) => text !== undefined),
  ),
];

function checkReference(reference: Reference, stack: StackTemplate, input: CheckInput): string | undefined {
  switch (reference.kind) {
    case 'ref': {
      const known = [stack.resources, stack.parameters, stack.storedParameters].some((names) =>
        names.has(reference.name),
      );
      return known ? undefined : `refers to '${reference.name}', ${whyAbsent(reference.name, stack)}`;
    }
    case 'attribute': {
      const target = stack.resources.get(reference.logicalId);
      if (target === undefined) return `refers to '${reference.logicalId}', ${whyAbsent(reference.logicalId, stack)}`;
      const attributes = input.resourceTypes.get(target.type)?.attributes;
      if (attributes === undefined || attributes.includes(reference.attribute)) return undefined;
      return `attribute '${reference.attribute}' of ${target.type} is not known to the local run`;
    }
    case 'function':
      return checkFunction(reference.name, reference.argument, stack, input);
  }
}

function checkFunction(name: string, argument: unknown, stack: StackTemplate, input: CheckInput): string | undefined {
  if (!isKnownFunction(name)) return `function '${name}' is not known to the local run`;
  if (name === 'Fn::GetStackOutput') return checkStackOutput(argument, stack, input);
  if (name !== 'Fn::ImportValue' || typeof argument !== 'string') return undefined;
  const exported = input.stacks.flatMap(({ outputs }) => outputs.map(({ exportName }) => exportName));
  // an export's name can be a function itself: then only creating the stacks tells
  const leftOut = input.stacks.flatMap((each) => each.leftOut.outputs.map(({ exportName }) => exportName));
  if (!exported.includes(argument) && leftOut.includes(argument)) return `imports '${argument}', ${WITHOUT}`;
  const isMissing = !exported.some((exportName) => exportName === argument || isObject(exportName));
  return isMissing ? `imports '${argument}', which no stack of the assembly exports` : undefined;
}

function checkStackOutput(argument: unknown, stack: StackTemplate, input: CheckInput): string | undefined {
  const stackName = stringAt(argument, 'StackName');
  const outputName = stringAt(argument, 'OutputName');
  const region = isObject(argument) ? argument['Region'] : undefined;
  const literalRegion = functionCall(region) === undefined ? region : undefined;
  if (literalRegion !== undefined && literalRegion !== input.region) {
    return `reads an output of region '${String(literalRegion)}'; the run is in ${input.region} only`;
  }
  const source = input.stacks.find((candidate) => candidate.stackName === stackName);
  if (source === undefined) return `reads an output of stack '${stackName}', which is not in the assembly`;
  if (source === stack) return `reads output '${outputName}' of its own stack, which has none before it is complete`;
  if (source.outputs.some((output) => output.name === outputName)) return undefined;
  if (source.leftOut.outputs.some((output) => output.name === outputName)) {
    return `reads output '${outputName}' of stack '${stackName}', ${WITHOUT}`;
  }
  return `reads output '${outputName}', which stack '${stackName}' does not have`;
}

/** Names that are functions are decided when the stacks are there. */
function checkExports(stacks: readonly StackTemplate[]): string[] {
  const taken = new Map<string, string>();
  return stacks.flatMap(({ stackName, outputs }) =>
    outputs.flatMap(({ name, exportName }) => {
      if (typeof exportName !== 'string') return [];
      const other = taken.get(exportName);
      if (other === undefined) {
        taken.set(exportName, `output '${name}' of stack ${stackName}`);
        return [];
      }
      return [
        `${stackName}: output '${name}' exports '${exportName}', as ${other} does; a name is exported once in a Region`,
      ];
    }),
  );
}

function checkCycles(stack: StackTemplate): string[] {
  const { cycle } = orderByDependency([...stack.resources.keys()], (id) => {
    const resource = stack.resources.get(id);
    return resource === undefined ? [] : dependenciesOf(resource);
  });
  return cycle === undefined ? [] : [`${stack.stackName}: resources depend on each other: ${cycle.join(' -> ')}`];
}
