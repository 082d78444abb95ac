import type { JsonObject } from '../endpoint/service.ts';
import { type Change, changeOf } from './change.ts';
import { dependenciesOf } from './check.ts';
import type { DeployableAssembly, LiveStacks } from './deploy.ts';
import type { StackOutputs } from './describe-deployment.ts';
import { DeploymentError } from './errors.ts';
import { evaluate, type Scope } from './intrinsics.ts';
import { orderByDependency } from './order.ts';
import { referencesIn } from './references.ts';
import type { CreatedResource, ResourceType } from './resource-type.ts';
import { resourceTypes } from './resources/index.ts';
import { stackScope } from './stack-scope.ts';
import { type LiveResource, labelOf, propertiesOf, type StackState } from './stack-state.ts';
import type { StoredValues } from './stored-parameters.ts';
import type { StackTemplate, TemplateResource } from './template.ts';

type Identity = Pick<CreatedResource, 'physicalId' | 'attributes'>;

/** Everything that CloudFormation would not do, one line each; empty when the update can begin. */
export async function problemsOfUpdate(live: LiveStacks, next: DeployableAssembly): Promise<string[]> {
  const { states: running } = live;
  const problems = [...running.values()].flatMap(({ stackName, rollbackFailure }) =>
    rollbackFailure === undefined ? [] : [`${stackName}: takes no update after ${rollbackFailure}; start anew`],
  );
  const outputs = new Map<string, StackOutputs>([...running].map(([name, state]) => [name, state.outputs]));
  const exports = new Map([...running.values()].flatMap((state) => [...state.exports]));
  const imports = new Map([...running].map(([name, state]) => [name, importsOf(state, live)]));

  for (const stack of next.stacks) {
    const state = running.get(stack.stackName);
    const foreseen = new Map<string, Identity>();
    const stored = await foreseeStored(live, stack);
    const scope = stackScope(stack, next.environment.region, { created: foreseen, outputs, exports, stored });
    for (const resource of inTemplateOrder(stack)) {
      const type = resourceTypes.get(resource.type);
      if (type === undefined) continue;
      const live = state?.resources.get(resource.logicalId);
      const after = foresee(resource.properties, scope);
      problems.push(...refusals(resource, type, live, after));
      foreseen.set(resource.logicalId, identityAfter(resource, type, live, after));
    }
    const own = new Map<string, string>();
    const values = stack.outputs.map(({ name, value, exportName }) => {
      const output = String(foresee({ value }, scope)['value']);
      if (exportName !== undefined) own.set(String(foresee({ exportName }, scope)['exportName']), output);
      return [name, output] as const;
    });
    problems.push(...brokenImports(stack.stackName, state, own, imports));
    outputs.set(stack.stackName, new Map(values));
    for (const name of state?.exports.keys() ?? []) exports.delete(name);
    for (const [name, value] of own) exports.set(name, value);
  }
  return problems;
}

function inTemplateOrder(stack: StackTemplate): TemplateResource[] {
  const { order = [] } = orderByDependency([...stack.resources.keys()], (id) => {
    const resource = stack.resources.get(id);
    return resource === undefined ? [] : dependenciesOf(resource);
  });
  return order.flatMap((id) => stack.resources.get(id) ?? []);
}

function refusals(
  resource: TemplateResource,
  type: ResourceType,
  live: LiveResource | undefined,
  after: JsonObject,
): string[] {
  if (live === undefined) return [];
  const label = labelOf(resource);
  if (live.template.type !== resource.type) {
    return [
      `${label}: was a resource of type ${live.template.type}, and CloudFormation changes no type; give the construct another id`,
    ];
  }
  const before = propertiesOf(live);
  const change = changeOf(type, before, after);
  if (change.kind === 'none') return [];
  const refused = (type.updates.refuse?.(before, after) ?? []).map((problem) => `${label}: ${problem}`);
  if (change.kind !== 'replace') return refused;
  const { nameProperty } = type.updates;
  const name = nameProperty === undefined ? undefined : before[nameProperty];
  if (nameProperty === undefined || name === undefined || name !== after[nameProperty]) return refused;
  return [
    ...refused,
    `${label}: ${listed(change)} replaces it, and CloudFormation cannot update a stack when a custom-named resource requires replacing; change property '${nameProperty}', which is '${String(name)}', or leave it out`,
  ];
}

const listed = ({ properties }: Extract<Change, { kind: 'replace' }>): string =>
  `a change of ${properties.map((name) => `'${name}'`).join(' and ')}`;

/** What `Ref` and `Fn::GetAtt` will give: what it is now, or something that nobody knows yet. */
function identityAfter(
  resource: TemplateResource,
  type: ResourceType,
  live: LiveResource | undefined,
  after: JsonObject,
): Identity {
  const unknown = (what: string) => `<${what} of the new ${resource.stackName}/${resource.logicalId}>`;
  const change =
    live?.template.type === resource.type ? changeOf(type, propertiesOf(live), after) : ({ kind: 'replace' } as const);
  if (live === undefined || change.kind === 'replace') {
    return {
      physicalId: unknown('Ref'),
      attributes: Object.fromEntries(type.attributes.map((name) => [name, unknown(name)])),
    };
  }
  if (change.kind === 'none') return live.made;
  const moved = Object.entries(type.updates.attributesFollow ?? {})
    .filter(([, properties]) => properties.some((name) => change.properties.includes(name)))
    .map(([name]) => [name, unknown(name)] as const);
  return { physicalId: live.made.physicalId, attributes: { ...live.made.attributes, ...Object.fromEntries(moved) } };
}

/** Property by property: what takes a value apart that nobody knows yet gives another such value. */
function foresee(properties: JsonObject, scope: Scope): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => {
      try {
        return [name, evaluate(value, scope)];
      } catch {
        return [name, `<${name}, known once the update has come so far>`];
      }
    }),
  );
}

/** What Parameter Store has by now; what a stack before this one creates or changes in the update is not known yet. */
async function foreseeStored(live: LiveStacks, stack: StackTemplate): Promise<StoredValues> {
  try {
    return await live.readStored(stack);
  } catch (error) {
    if (error instanceof DeploymentError) return new Map();
    throw error;
  }
}

/** Names of the exports of other stacks that a stack was deployed with. */
function importsOf(state: StackState, { scopeOf }: LiveStacks): ReadonlySet<string> {
  const { template } = state;
  const scope = scopeOf(state, template);
  const values = [
    ...[...template.resources.values()].map(({ properties }) => properties),
    ...template.outputs.map(({ value }) => value),
  ];
  const names = [...referencesIn(values)].flatMap((reference) =>
    reference.kind === 'function' && reference.name === 'Fn::ImportValue'
      ? [String(evaluate(reference.argument, scope))]
      : [],
  );
  return new Set(names);
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html */
function brokenImports(
  stackName: string,
  state: StackState | undefined,
  after: ReadonlyMap<string, string>,
  imports: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  return [...(state?.exports ?? [])].flatMap(([name, value]) => {
    if (after.get(name) === value) return [];
    const importers = [...imports].filter(([, names]) => names.has(name)).map(([importer]) => importer);
    if (importers.length === 0) return [];
    const done = after.has(name) ? 'updated' : 'deleted';
    const who = importers.join(' and ');
    return [
      `${stackName}: export '${name}' cannot be ${done} while ${who} imports it; keep it, and first deploy ${who} without the import`,
    ];
  });
}
