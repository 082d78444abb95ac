import type { JsonObject } from '../endpoint/service.ts';
import { isObject, objectAt, stringAt } from './json.ts';

/** A parameter of a template whose value is that of a parameter in Parameter Store. */
export interface StoredParameter {
  /** `AWS::SSM::Parameter::Value<String>` */
  readonly type: string;
  /** Name in Parameter Store. */
  readonly storedName: string;
}

export interface ReadParameters {
  readonly values: ReadonlyMap<string, unknown>;
  /** Read from Parameter Store when the stack is created or updated, by the parameter's name in the template. */
  readonly stored: ReadonlyMap<string, StoredParameter>;
  readonly problems: readonly string[];
}

/** Every parameter takes its default, since nobody is asked. */
export function readParameters(stackName: string, declared: JsonObject): ReadParameters {
  const values = new Map<string, unknown>();
  const stored = new Map<string, StoredParameter>();
  const problems: string[] = [];
  for (const [name, parameter] of Object.entries(declared)) {
    const type = stringAt(parameter, 'Type') ?? 'String';
    const value = isObject(parameter) ? parameter['Default'] : undefined;
    if (value === undefined)
      problems.push(`${stackName}: parameter '${name}' has no default, and the local run sets none`);
    else if (type.startsWith(STORED_VALUE)) stored.set(name, { type, storedName: String(value) });
    else values.set(name, isListType(type) ? String(value).split(',') : value);
  }
  return { values, stored, problems };
}

/** Fn::FindInMap. @throws RangeError for a key that the mappings do not have. */
export function findInMappings(mappings: JsonObject, path: readonly [string, string, string]): unknown {
  const [mapName, topLevelKey, secondLevelKey] = path;
  const value = objectAt(objectAt(mappings, mapName), topLevelKey)[secondLevelKey];
  if (value === undefined) throw new RangeError(`mapping '${path.join('.')}' does not exist`);
  return value;
}

const STORED_VALUE = 'AWS::SSM::Parameter::Value<';

/** A value of Parameter Store as functions see it: a list where the type says so. */
export const asParameterValue = ({ type }: StoredParameter, value: string): unknown =>
  isListType(type.slice(STORED_VALUE.length, -1)) ? value.split(',') : value;

const isListType = (type: string): boolean => type === 'CommaDelimitedList' || type.startsWith('List<');
