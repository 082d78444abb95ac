import type { NameRules } from './physical-name.ts';
import { optionalText } from './property-values.ts';
import type { ResourceToCreate } from './resource-type.ts';

export interface ResourceNameRules extends NameRules {
  /** What CloudFormation puts behind a name that it makes up. It is not known to shorten the name for it. */
  readonly ending?: string;
}

/**
 * The name that the template gives, or that CloudFormation would make up.
 * @param property that holds the name: `QueueName`
 * @throws TypeError for one that is longer than the service takes
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/280
 */
export function resourceName(resource: ResourceToCreate, property: string, rules: ResourceNameRules): string {
  const { maxLength, ending = '' } = rules;
  const given = optionalText(resource.properties, property);
  const name = given ?? `${resource.physicalName(rules)}${ending}`;
  if (name.length <= maxLength) return name;
  throw new TypeError(
    given === undefined
      ? `CloudFormation would name it '${name}', which has ${name.length} characters of at most ${maxLength}: give it a shorter '${property}', or shorten the stack's name or the construct's path`
      : `property '${property}' is '${name}', which has ${name.length} characters of at most ${maxLength}`,
  );
}
