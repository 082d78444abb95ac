import type { JsonObject } from '../endpoint/service.ts';
import type { DeployedResource, ResourceDetail } from './deployment.ts';
import type { StackOutputs } from './describe-deployment.ts';
import type { ForeignValues } from './foreign-values.ts';
import type { CreatedResource, ResourceToCreate } from './resource-type.ts';
import type { StoredValues } from './stored-parameters.ts';
import type { StackTemplate, TemplateResource } from './template.ts';

/** A resource of a stack, as it runs. */
export interface LiveResource {
  readonly template: TemplateResource;
  /** With all functions applied, as it was created or updated last. */
  readonly resource: ResourceToCreate;
  readonly made: CreatedResource;
  /** How many resources of this logical id there were before it. */
  readonly generation: number;
}

/** One stack, as it runs. */
export interface StackState {
  readonly stackName: string;
  /** What it was deployed with last. */
  template: StackTemplate;
  /** By logical id, in the order of their creation. */
  readonly resources: Map<string, LiveResource>;
  /** Out of the template, or replaced, and yet to be deleted. */
  readonly leaving: Set<LiveResource>;
  outputs: StackOutputs;
  /** By export name. */
  exports: ReadonlyMap<string, string>;
  /** What its resources were made with of other stacks. */
  foreign: ForeignValues;
  /** What its parameters got from Parameter Store when it was created or updated last. */
  stored: StoredValues;
  /** Why it takes no update any more. */
  rollbackFailure: string | undefined;
}

export const emptyStack = (template: StackTemplate): StackState => ({
  stackName: template.stackName,
  template,
  resources: new Map(),
  leaving: new Set(),
  outputs: new Map(),
  exports: new Map(),
  foreign: new Map(),
  stored: new Map(),
  rollbackFailure: undefined,
});

export const labelOf = ({ stackName, logicalId, type }: TemplateResource): string =>
  `${stackName}/${logicalId} (${type})`;

export const propertiesOf = (live: LiveResource): JsonObject => live.resource.properties;

export function describeLive({ template, made }: LiveResource): DeployedResource & {
  readonly detail: ResourceDetail | undefined;
} {
  const { stackName, logicalId, type, constructPath } = template;
  const { physicalId, arn, attributes, detail } = made;
  return { stackName, logicalId, type, physicalId, arn, constructPath, attributes, detail };
}
