import type { JsonObject } from '../endpoint/service.ts';
import type { ResourceDetail } from './deployment.ts';
import type { Engines } from './engines.ts';
import type { NameRules } from './physical-name.ts';
import type { DeploymentEnvironment } from './pseudo-parameters.ts';

/**
 * What the run makes of a property: it is used, it is knowingly without effect on a laptop, or it is an object (or a
 * list of them) whose members are known one by one. A property that is not listed is refused.
 */
type PropertyKnowledge = 'used' | 'without-effect' | PropertiesKnowledge;

export interface PropertiesKnowledge {
  readonly [property: string]: PropertyKnowledge;
}

/** A resource of the template, all of its functions applied. */
export interface ResourceToCreate {
  readonly stackName: string;
  readonly logicalId: string;
  readonly properties: JsonObject;
  /** The name that CloudFormation would make up for it. */
  physicalName(rules: NameRules): string;
  /** The same for resources that are named with a UUID. */
  physicalUuid(): string;
}

export interface CreatedResource {
  /** What CloudFormation calls its physical id; also what `Ref` gives. */
  readonly physicalId: string;
  readonly arn?: string;
  /** Values of Fn::GetAtt, one for each name in `ResourceType.attributes`. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly detail?: ResourceDetail;
}

/** What a resource can be created on and look into. */
export interface CreationContext extends DeploymentEnvironment {
  readonly engines: Engines;
  /** Folder of a Lambda function's code, by its S3 key. */
  readonly assetPaths: ReadonlyMap<string, string>;
}

/** A resource as it runs, as its own type knows it. */
export interface RunningResource {
  readonly resource: ResourceToCreate;
  readonly made: CreatedResource;
}

/** What becomes of a resource when its properties change, as the template reference of CloudFormation tells it. */
export interface UpdateBehaviour {
  /** Properties marked "Update requires: Replacement": the resource is made anew, and the old one goes. */
  readonly replacedBy: readonly string[];
  /** The same for changes that are told by the values only. @returns names of properties. */
  replacedWhen?(before: JsonObject, after: JsonObject): readonly string[];
  /** Property that gives the resource a name of its own: such a resource cannot be replaced. @default none */
  readonly nameProperty?: string;
  /** Attributes that another property's change changes; all others stay for the life of the resource. @default none */
  readonly attributesFollow?: Readonly<Record<string, readonly string[]>>;
  /** Changes that CloudFormation does not make: one sentence each. */
  refuse?(before: JsonObject, after: JsonObject): readonly string[];
}

/** Everything that the run knows about one type of CloudFormation resource. */
export interface ResourceType {
  readonly type: string;
  readonly properties: PropertiesKnowledge;
  readonly attributes: readonly string[];
  readonly updates: UpdateBehaviour;
  /**
   * Values that the run cannot honour, found before anything is created: one sentence each.
   * @param properties as in the template, so a value may still be a function.
   */
  refuse?(properties: JsonObject, assetPaths: ReadonlyMap<string, string>): readonly string[];
  /** Leaves nothing behind when it throws. */
  create(resource: ResourceToCreate, context: CreationContext): Promise<CreatedResource>;
  /** Gives the running resource other properties; it keeps its physical id. @default it is only described anew */
  update?(before: RunningResource, after: ResourceToCreate, context: CreationContext): Promise<CreatedResource>;
  /** @default nothing but its description goes */
  delete?(running: RunningResource, context: CreationContext): Promise<void>;
}
