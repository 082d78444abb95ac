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

/** Everything that the run knows about one type of CloudFormation resource. */
export interface ResourceType {
  readonly type: string;
  readonly properties: PropertiesKnowledge;
  readonly attributes: readonly string[];
  /**
   * Values that the run cannot honour, found before anything is created: one sentence each.
   * @param properties as in the template, so a value may still be a function.
   */
  refuse?(properties: JsonObject, assetPaths: ReadonlyMap<string, string>): readonly string[];
  create(resource: ResourceToCreate, context: CreationContext): Promise<CreatedResource>;
  /** Changes that a running resource takes over; everything else takes a new run. @default none */
  readonly update?: {
    readonly properties: readonly string[];
    apply(resource: ResourceToCreate, context: CreationContext): Promise<void>;
  };
}
