import { isDeepStrictEqual } from 'node:util';
import type { DeployableAssembly } from './deploy.ts';
import type { DeployedResource, Deployment } from './deployment.ts';
import type { StackOutputs } from './describe-deployment.ts';
import type { Engines } from './engines.ts';
import { evaluatedResource } from './evaluated-resource.ts';
import { evaluate } from './intrinsics.ts';
import { resourceTypes } from './resources/index.ts';
import { type Known, stackScope } from './stack-scope.ts';
import type { StackTemplate, TemplateResource } from './template.ts';

/** What became of the differences between what runs and a newer assembly. */
export interface UpdateResult {
  /** Construct paths of resources that run with their changes now. */
  readonly updated: readonly string[];
  /** Differences that only a new run takes over: one line each, also those of earlier updates. */
  readonly remaining: readonly string[];
}

export type UpdateDeployment = (next: DeployableAssembly) => Promise<UpdateResult>;

/** Takes over what running resources can take over; all state stays as it is. */
export function createUpdate(assembly: DeployableAssembly, deployment: Deployment, engines: Engines): UpdateDeployment {
  const scopeOf = createScopes(assembly, deployment);
  const running = resourcesOf(assembly);

  return async (next) => {
    const context = { ...next.environment, engines, assetPaths: next.assetPaths };
    const wanted = resourcesOf(next);
    const stacks = new Map(next.stacks.map((stack) => [stack.stackName, stack]));
    const updated: string[] = [];
    const remaining = [...running]
      .filter(([key]) => !wanted.has(key))
      .map(([, resource]) => `${nameOf(resource)} is gone`);

    for (const [key, resource] of wanted) {
      const before = running.get(key);
      const stack = stacks.get(resource.stackName);
      if (before === undefined || stack === undefined) {
        remaining.push(`${nameOf(resource)} is new`);
        continue;
      }
      const changed = changedProperties(before, resource);
      if (changed.length === 0) continue;
      const type = resourceTypes.get(resource.type);
      const fixed = changed.filter((property) => type?.update?.properties.includes(property) !== true);
      if (fixed.length > 0) {
        remaining.push(`${nameOf(resource)}: ${fixed.join(', ')} changed`);
        continue;
      }
      try {
        await type?.update?.apply(evaluatedResource(resource, scopeOf(stack)), context);
        running.set(key, resource);
        updated.push(resource.constructPath);
      } catch (error) {
        // it may refer to what is new itself
        remaining.push(`${nameOf(resource)}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return { updated, remaining };
  };
}

const nameOf = ({ constructPath, type }: TemplateResource): string => `${constructPath} (${type})`;

const resourcesOf = ({ stacks }: DeployableAssembly): Map<string, TemplateResource> =>
  new Map(
    stacks.flatMap(({ stackName, resources }) =>
      [...resources].map(([logicalId, resource]) => [`${stackName}/${logicalId}`, resource] as const),
    ),
  );

/** Names of those that differ and that the run heeds. */
function changedProperties(before: TemplateResource, after: TemplateResource): string[] {
  if (before.type !== after.type) return ['Type'];
  const known = resourceTypes.get(after.type)?.properties ?? {};
  return [...new Set([...Object.keys(before.properties), ...Object.keys(after.properties)])].filter(
    (name) => known[name] !== 'without-effect' && !isDeepStrictEqual(before.properties[name], after.properties[name]),
  );
}

/** References lead to what was created at the start of the run. */
function createScopes(assembly: DeployableAssembly, deployment: Deployment) {
  const byStack = Map.groupBy(deployment.resources, ({ stackName }) => stackName);
  const outputs: ReadonlyMap<string, StackOutputs> = deployment.outputs;
  const exports = new Map<string, string>();
  const scopeOf = (stack: StackTemplate) => {
    const created: Known['created'] = new Map(
      (byStack.get(stack.stackName) ?? []).map((resource: DeployedResource) => [resource.logicalId, resource]),
    );
    return stackScope(stack, deployment.region, { created, outputs, exports });
  };
  for (const stack of assembly.stacks) {
    for (const { name, exportName } of stack.outputs) {
      const value = outputs.get(stack.stackName)?.get(name);
      if (exportName === undefined || value === undefined) continue;
      exports.set(String(evaluate(exportName, scopeOf(stack))), value);
    }
  }
  return scopeOf;
}
