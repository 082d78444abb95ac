import type { StackOutputs } from './describe-deployment.ts';
import type { Scope } from './intrinsics.ts';
import { findInMappings } from './parameters.ts';
import type { CreatedResource } from './resource-type.ts';
import type { StackTemplate } from './template.ts';

interface Lookup<Value> {
  get(name: string): Value | undefined;
}

/** What exists by now; it grows while stacks are created. */
export interface Known {
  readonly created: Lookup<Pick<CreatedResource, 'physicalId' | 'attributes'>>;
  readonly outputs: Lookup<StackOutputs>;
  readonly exports: Lookup<string>;
  /** What the stack's parameters got from Parameter Store. */
  readonly stored: Lookup<unknown>;
}

/** What the functions of a stack's template can refer to. */
export function stackScope(stack: StackTemplate, region: string, { created, outputs, exports, stored }: Known): Scope {
  return {
    region,
    ref: (name) => stack.parameters.get(name) ?? stored.get(name) ?? found(created.get(name)?.physicalId, `'${name}'`),
    getAtt: (logicalId, attribute) =>
      found(created.get(logicalId)?.attributes?.[attribute], `attribute '${attribute}' of '${logicalId}'`),
    findInMap: (...path) => findInMappings(stack.mappings, path),
    importValue: (exportName) => found(exports.get(exportName), `export '${exportName}'`),
    stackOutput: (stackName, outputName) =>
      found(outputs.get(stackName)?.get(outputName), `output '${outputName}' of stack '${stackName}'`),
  };
}

function found(value: string | undefined, what: string): string {
  if (value === undefined) throw new ReferenceError(`${what} does not exist at this point of the deployment`);
  return value;
}
