import type { JsonObject } from '../endpoint/service.ts';
import { isObject, objectAt, stringAt } from './json.ts';

export interface ReadParameters {
  readonly values: ReadonlyMap<string, unknown>;
  readonly problems: readonly string[];
}

/**
 * Every parameter takes its default, since nobody is asked. One that CloudFormation would read from SSM gets no value:
 * it is harmless while nothing refers to it, like the version of CDK's bootstrap stack.
 */
export function readParameters(stackName: string, declared: JsonObject): ReadParameters {
  const values = new Map<string, unknown>();
  const problems: string[] = [];
  for (const [name, parameter] of Object.entries(declared)) {
    const type = stringAt(parameter, 'Type') ?? 'String';
    if (type.startsWith('AWS::SSM::Parameter::')) continue;
    const value = isObject(parameter) ? parameter['Default'] : undefined;
    if (value === undefined)
      problems.push(`${stackName}: parameter '${name}' has no default, and the local run sets none`);
    else values.set(name, isListType(type) ? String(value).split(',') : value);
  }
  return { values, problems };
}

/** Fn::FindInMap. @throws RangeError for a key that the mappings do not have. */
export function findInMappings(mappings: JsonObject, path: readonly [string, string, string]): unknown {
  const [mapName, topLevelKey, secondLevelKey] = path;
  const value = objectAt(objectAt(mappings, mapName), topLevelKey)[secondLevelKey];
  if (value === undefined) throw new RangeError(`mapping '${path.join('.')}' does not exist`);
  return value;
}

const isListType = (type: string): boolean => type === 'CommaDelimitedList' || type.startsWith('List<');
