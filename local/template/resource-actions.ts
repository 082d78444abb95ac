import type { JsonObject } from '../endpoint/service.ts';
import type { DeployedResource, ResourceDetail } from './deployment.ts';
import { evaluatedResource } from './evaluated-resource.ts';
import type { Scope } from './intrinsics.ts';
import type { CreatedResource, CreationContext, ResourceToCreate, ResourceType } from './resource-type.ts';
import { resourceTypes } from './resources/index.ts';
import { describeLive, type LiveResource } from './stack-state.ts';
import type { TemplateResource } from './template.ts';

/** Sees each resource as it comes and goes; what it throws fails the step. */
export interface DeploymentWatch {
  /** A resource that is updated goes and comes at once. */
  created(resource: DeployedResource, detail: ResourceDetail | undefined): void;
  gone(resource: DeployedResource): void;
}

/** What is done to a single resource; each either happens wholly, or throws and leaves everything as it was. */
export interface ResourceActions {
  create(template: TemplateResource, scope: Scope): Promise<LiveResource>;
  /** The resource as it is to be, with the physical name that it has. */
  evaluate(live: LiveResource, template: TemplateResource, scope: Scope): ResourceToCreate;
  update(live: LiveResource, template: TemplateResource, after: ResourceToCreate): Promise<LiveResource>;
  delete(live: LiveResource): Promise<void>;
}

/** Types whose engines take one name twice, which CloudFormation does not; some names count within another resource. */
const TAKEN_TWICE: Readonly<Record<string, readonly string[]>> = {
  'AWS::CloudWatch::Alarm': [],
  'AWS::CloudWatch::Dashboard': [],
  'AWS::Events::Rule': ['EventBusName'],
  'AWS::IAM::Role': [],
  'AWS::Logs::LogGroup': [],
  'AWS::SNS::Topic': [],
  'AWS::SQS::Queue': [],
};

/** @param context changes with the assembly: code lies elsewhere. */
export function createResourceActions(context: () => CreationContext, watch: DeploymentWatch): ResourceActions {
  const generations = new Map<string, number>();
  const names = new Map<string, string>();

  const typeOf = ({ type }: TemplateResource): ResourceType => {
    const known = resourceTypes.get(type);
    if (known === undefined) throw new TypeError(`type '${type}' is not known to the local run`);
    return known;
  };

  const takeName = ({ stackName, logicalId }: TemplateResource, type: ResourceType, properties: JsonObject) => {
    const key = nameKey(type, properties);
    const other = key === undefined ? undefined : names.get(key.key);
    if (key === undefined) return () => {};
    if (other !== undefined) throw new TypeError(`'${key.name}' already exists: ${other} has that name, too`);
    names.set(key.key, `${stackName}/${logicalId}`);
    return () => void names.delete(key.key);
  };

  const announce = (live: LiveResource) => {
    const { detail, ...resource } = describeLive(live);
    watch.created(resource, detail);
  };

  const remove = async (live: LiveResource) => {
    const type = typeOf(live.template);
    await type.delete?.(live, context());
    const key = nameKey(type, live.resource.properties);
    if (key !== undefined) names.delete(key.key);
  };

  return {
    async create(template, scope) {
      const id = `${template.stackName}/${template.logicalId}`;
      const generation = generations.get(id) ?? 0;
      const type = typeOf(template);
      const resource = evaluatedResource(template, scope, generation);
      const giveNameBack = takeName(template, type, resource.properties);
      let live: LiveResource;
      try {
        live = { template, resource, made: await type.create(resource, context()), generation };
      } catch (error) {
        giveNameBack();
        throw error;
      }
      generations.set(id, generation + 1);
      try {
        announce(live);
      } catch (error) {
        await remove(live);
        throw error;
      }
      return live;
    },
    evaluate: (live, template, scope) => evaluatedResource(template, scope, live.generation),
    async update(live, template, after) {
      const type = typeOf(template);
      const made = await (type.update ?? describeAnew(type))(live, after, context());
      const next: LiveResource = { template, resource: after, made, generation: live.generation };
      watch.gone(describeLive(live));
      try {
        announce(next);
      } catch (error) {
        announce(live);
        throw error;
      }
      return next;
    },
    async delete(live) {
      await remove(live);
      watch.gone(describeLive(live));
    },
  };
}

const describeAnew =
  (type: ResourceType) =>
  (_before: unknown, after: ResourceToCreate, context: CreationContext): Promise<CreatedResource> =>
    type.create(after, context);

function nameKey({ type, updates: { nameProperty } }: ResourceType, properties: JsonObject) {
  const within = TAKEN_TWICE[type];
  const name = nameProperty === undefined ? undefined : properties[nameProperty];
  if (within === undefined || name === undefined) return undefined;
  return { name: String(name), key: JSON.stringify([type, name, ...within.map((property) => properties[property])]) };
}
