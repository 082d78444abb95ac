import type { Assembly } from './assembly.ts';
import { checkTemplates, dependenciesOf } from './check.ts';
import type { Deployment } from './deployment.ts';
import { describeDeployment } from './describe-deployment.ts';
import type { Engines } from './engines.ts';
import { DeploymentError, TemplateRefusedError } from './errors.ts';
import { notingForeign } from './foreign-values.ts';
import { evaluate, type Scope } from './intrinsics.ts';
import { orderByDependency } from './order.ts';
import type { DeploymentEnvironment } from './pseudo-parameters.ts';
import { createResourceActions, type DeploymentWatch, type ResourceActions } from './resource-actions.ts';
import { resourceTypes } from './resources/index.ts';
import { stackScope } from './stack-scope.ts';
import { describeLive, emptyStack, type StackState } from './stack-state.ts';
import { readStoredParameters, type StoredValues } from './stored-parameters.ts';
import { readTemplate, type StackTemplate, type TemplateResource } from './template.ts';

/** An assembly whose every resource, property and function the run knows. */
export interface DeployableAssembly {
  readonly environment: DeploymentEnvironment;
  readonly stacks: readonly StackTemplate[];
  readonly assetPaths: ReadonlyMap<string, string>;
}

/** @throws TemplateRefusedError with every problem of every stack; nothing exists by then. */
export function checkAssembly(assembly: Assembly, environment: DeploymentEnvironment): DeployableAssembly {
  const { assetPaths } = assembly;
  const stacks = assembly.stacks.map((stack) => readTemplate(stack, environment));
  const problems = checkTemplates({ region: environment.region, stacks, resourceTypes, assetPaths });
  if (problems.length > 0) {
    throw new TemplateRefusedError(
      problems.map(({ text }) => text),
      { constructs: [...new Set(problems.flatMap(({ construct }) => construct ?? []))] },
    );
  }
  return { environment, stacks, assetPaths };
}

/** The stacks of a run, as they are now. */
export interface LiveStacks {
  readonly environment: DeploymentEnvironment;
  /** In the order of their deployment. */
  readonly states: Map<string, StackState>;
  readonly actions: ResourceActions;
  /** What the functions of a stack's template can refer to at that moment. */
  scopeOf(state: StackState, template: StackTemplate): Scope;
  /** @throws DeploymentError for one that is not in Parameter Store */
  readStored(template: StackTemplate): Promise<StoredValues>;
  /** Takes outputs and exports of the template over. */
  publish(state: StackState, template: StackTemplate): void;
  /** From now on code is found in this assembly, too. */
  useAssetsOf(assembly: DeployableAssembly): void;
  describe(): Deployment;
}

const NOBODY: DeploymentWatch = { created: () => {}, gone: () => {} };

/**
 * Creates all resources, each after those that it refers to.
 * @throws DeploymentError naming the resource that an engine or the watch refused.
 */
export async function deploy(
  assembly: DeployableAssembly,
  engines: Engines,
  watch: DeploymentWatch = NOBODY,
): Promise<LiveStacks> {
  const live = createLiveStacks(assembly, engines, watch);
  for (const template of assembly.stacks) {
    const state = emptyStack(template);
    live.states.set(template.stackName, state);
    state.stored = await live.readStored(template);
    const foreign = new Map<string, unknown>();
    const scope = notingForeign(live.scopeOf(state, template), foreign);
    for (const resource of inOrder(template)) {
      try {
        state.resources.set(resource.logicalId, await live.actions.create(resource, scope));
      } catch (cause) {
        throw new DeploymentError(resource.stackName, resource.logicalId, resource.type, cause);
      }
    }
    live.publish(state, template);
    state.foreign = foreign;
  }
  return live;
}

function createLiveStacks(
  { environment, assetPaths: firstAssets }: DeployableAssembly,
  engines: Engines,
  watch: DeploymentWatch,
): LiveStacks {
  const states = new Map<string, StackState>();
  let assetPaths = firstAssets;
  const actions = createResourceActions(() => ({ ...environment, engines, assetPaths }), watch);

  const scopeOf = (state: StackState, template: StackTemplate): Scope => {
    const all = () => [...states.values()];
    return stackScope(template, environment.region, {
      created: { get: (id) => state.resources.get(id)?.made },
      outputs: { get: (stackName) => states.get(stackName)?.outputs },
      exports: {
        get: (name) =>
          all()
            .find(({ exports }) => exports.has(name))
            ?.exports.get(name),
      },
      stored: state.stored,
    });
  };

  return {
    environment,
    states,
    actions,
    scopeOf,
    readStored: (template) => readStoredParameters(template, engines.ssm),
    publish(state, template) {
      const scope = scopeOf(state, template);
      const exports = new Map<string, string>();
      const values = template.outputs.map(({ name, value, exportName }) => {
        const output = String(evaluate(value, scope));
        if (exportName !== undefined) exports.set(String(evaluate(exportName, scope)), output);
        return [name, output] as const;
      });
      state.outputs = new Map(values);
      state.exports = exports;
    },
    useAssetsOf(assembly) {
      // what is known by its content already stays where it is
      assetPaths = new Map([...assembly.assetPaths, ...assetPaths]);
    },
    describe() {
      const resources = [...states.values()].flatMap((state) => [...state.resources.values(), ...state.leaving]);
      const outputs = new Map([...states].map(([stackName, state]) => [stackName, state.outputs]));
      return describeDeployment(environment, outputs, resources.map(describeLive));
    },
  };
}

function inOrder(stack: StackTemplate): TemplateResource[] {
  const dependencies = (id: string) => {
    const resource = stack.resources.get(id);
    return resource === undefined ? [] : dependenciesOf(resource);
  };
  const { order = [] } = orderByDependency([...stack.resources.keys()], dependencies);
  return order.flatMap((id) => stack.resources.get(id) ?? []);
}
