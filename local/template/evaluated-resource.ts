import { evaluate, type Scope } from './intrinsics.ts';
import { isObject } from './json.ts';
import { physicalName, physicalUuid } from './physical-name.ts';
import type { ResourceToCreate } from './resource-type.ts';
import type { TemplateResource } from './template.ts';

/** The resource with all functions of its properties applied. */
export function evaluatedResource(
  { stackName, logicalId, properties }: TemplateResource,
  scope: Scope,
): ResourceToCreate {
  const evaluated = evaluate(properties, scope);
  return {
    stackName,
    logicalId,
    properties: isObject(evaluated) ? evaluated : {},
    physicalName: (rules) => physicalName(stackName, logicalId, rules),
    physicalUuid: () => physicalUuid(stackName, logicalId),
  };
}
