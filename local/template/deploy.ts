import type { Assembly } from './assembly.ts';
import { checkTemplates, dependenciesOf } from './check.ts';
import type { DeployedResource, Deployment, ResourceDetail } from './deployment.ts';
import { describeDeployment, type StackOutputs } from './describe-deployment.ts';
import type { Engines } from './engines.ts';
import { DeploymentError, TemplateRefusedError } from './errors.ts';
import { evaluatedResource } from './evaluated-resource.ts';
import { evaluate, type Scope } from './intrinsics.ts';
import { orderByDependency } from './order.ts';
import type { DeploymentEnvironment } from './pseudo-parameters.ts';
import type { CreatedResource, CreationContext, ResourceType } from './resource-type.ts';
import { resourceTypes } from './resources/index.ts';
import { stackScope } from './stack-scope.ts';
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
  if (problems.length > 0) throw new TemplateRefusedError(problems);
  return { environment, stacks, assetPaths };
}

/** Sees each resource before the next one is created; what it throws fails the deployment there. */
export type OnCreated = (resource: DeployedResource, detail: ResourceDetail | undefined) => void;

/**
 * Creates all resources, each after those that it refers to.
 * @throws DeploymentError naming the resource that an engine or `onCreated` refused.
 */
export async function deploy(
  assembly: DeployableAssembly,
  engines: Engines,
  onCreated: OnCreated = () => {},
): Promise<Deployment> {
  const context: CreationContext = { ...assembly.environment, engines, assetPaths: assembly.assetPaths };
  const outputs = new Map<string, StackOutputs>();
  const names = new Map<string, TemplateResource>();
  const exports = new Map<string, string>();
  const deployed: (DeployedResource & { readonly detail: ResourceDetail | undefined })[] = [];

  for (const stack of assembly.stacks) {
    const created = new Map<string, CreatedResource>();
    const scope = stackScope(stack, context.region, { created, outputs, exports });
    for (const { resource, type } of inOrder(stack)) {
      const made = await create(resource, type, scope, context, onCreated);
      assertNewName(resource, made, names);
      created.set(resource.logicalId, made);
      deployed.push({ ...deployedResource(resource, made), detail: made.detail });
    }
    const values = stack.outputs.map(({ name, value, exportName }) => {
      const output = String(evaluate(value, scope));
      if (exportName !== undefined) exports.set(String(evaluate(exportName, scope)), output);
      return [name, output] as const;
    });
    outputs.set(stack.stackName, new Map(values));
  }

  return describeDeployment(assembly.environment, outputs, deployed);
}

function inOrder(stack: StackTemplate): { resource: TemplateResource; type: ResourceType }[] {
  const dependencies = (id: string) => {
    const resource = stack.resources.get(id);
    return resource === undefined ? [] : dependenciesOf(resource);
  };
  const { order = [] } = orderByDependency([...stack.resources.keys()], dependencies);
  return order.flatMap((id) => {
    const resource = stack.resources.get(id);
    const type = resource === undefined ? undefined : resourceTypes.get(resource.type);
    return resource === undefined || type === undefined ? [] : [{ resource, type }];
  });
}

/** Types whose engines take one name twice, which CloudFormation does not. */
const TAKEN_TWICE = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Events::Rule',
  'AWS::IAM::Role',
  'AWS::Logs::LogGroup',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
]);

/** @throws DeploymentError for a resource whose name another one of the run has. */
function assertNewName(
  resource: TemplateResource,
  { physicalId, arn }: CreatedResource,
  names: Map<string, TemplateResource>,
): void {
  const { stackName, logicalId, type } = resource;
  // an empty one is no name
  const name = arn || physicalId;
  const key = `${type} ${name}`;
  const other = names.get(key);
  names.set(key, resource);
  if (other === undefined || !TAKEN_TWICE.has(type)) return;
  const reason = `'${name}' already exists: ${other.stackName}/${other.logicalId} has that name, too`;
  throw new DeploymentError(stackName, logicalId, type, new TypeError(reason));
}

async function create(
  resource: TemplateResource,
  type: ResourceType,
  scope: Scope,
  context: CreationContext,
  onCreated: OnCreated,
): Promise<CreatedResource> {
  const { stackName, logicalId } = resource;
  try {
    const made = await type.create(evaluatedResource(resource, scope), context);
    onCreated(deployedResource(resource, made), made.detail);
    return made;
  } catch (cause) {
    throw new DeploymentError(stackName, logicalId, type.type, cause);
  }
}

const deployedResource = (
  { stackName, logicalId, type, constructPath }: TemplateResource,
  { physicalId, arn, attributes }: CreatedResource,
): DeployedResource => ({ stackName, logicalId, type, physicalId, arn, constructPath, attributes });
