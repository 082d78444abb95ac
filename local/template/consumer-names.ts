import { ENV } from '../../lib/definitions/index.ts';
import { objectAt, stringAt } from './json.ts';
import type { StackTemplate, TemplateResource } from './template.ts';

/**
 * Consumers of one name and environment. Synth refuses them within an app; only a run of several apps sees the others. They
 * would share their inbox records and cursors, and each would miss events.
 */
export function consumerNameProblems(stacks: readonly StackTemplate[]): string[] {
  const taken = new Map<string, string>();
  return stacks.flatMap(({ resources }) =>
    [...resources.values()].flatMap((resource) => {
      const consumer = consumerOf(resource);
      if (consumer === undefined) return [];
      const { name, environmentName } = consumer;
      const key = JSON.stringify([environmentName, name]);
      const label = `${resource.stackName}/${resource.logicalId}`;
      const other = taken.get(key);
      if (other === undefined) {
        taken.set(key, label);
        return [];
      }
      return [
        `${label} (${resource.type}): consumer '${name}' of environment '${environmentName}' must have a name of its own, as ${other} has the same: they would share inbox records and cursors, and each would miss events; rename the subscription of one of them`,
      ];
    }),
  );
}

/** By the variables that an `EventConsumer` sets. */
function consumerOf({ type, properties }: TemplateResource) {
  if (type !== 'AWS::Lambda::Function') return undefined;
  const variables = objectAt(objectAt(properties, 'Environment'), 'Variables');
  if (variables[ENV.queueUrl] === undefined || variables[ENV.eventTypes] === undefined) return undefined;
  const name = stringAt(variables, ENV.serviceName);
  const environmentName = stringAt(variables, ENV.environmentName);
  return name === undefined || environmentName === undefined ? undefined : { name, environmentName };
}
