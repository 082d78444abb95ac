import { evaluate, type Scope } from './intrinsics.ts';
import { isObject } from './json.ts';
import { physicalName, physicalUuid } from './physical-name.ts';
import type { ResourceToCreate } from './resource-type.ts';
import type { TemplateResource } from './template.ts';

/**
 * The resource with all functions of its properties applied.
 * @param generation how many resources of this id there were before it.
 */
export function evaluatedResource(
  { stackName, logicalId, properties }: TemplateResource,
  scope: Scope,
  generation = 0,
): ResourceToCreate {
  const evaluated = evaluate(properties, scope);
  return {
    stackName,
    logicalId,
    properties: isObject(evaluated) ? evaluated : {},
    physicalName: (rules) => physicalName(stackName, logicalId, rules, generation),
    physicalUuid: () => physicalUuid(stackName, logicalId, generation),
  };
}
