import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { optionalObjects, optionalString, optionalStrings, requireString } from '../eventbridge/members.ts';
import { isBelow } from './parameter-name.ts';
import type { Parameter } from './parameter-store.ts';

type Matches = (parameter: Parameter) => boolean;

/** What a filter compares: several values where a name counts with and without its first slash. */
const COMPARED: Readonly<Record<string, (parameter: Parameter) => readonly (string | undefined)[]>> = {
  Name: ({ name }) => [name, name.replace(/^\//, '')],
  Type: ({ versions }) => [versions.at(-1)?.type],
  KeyId: ({ versions }) => [versions.at(-1)?.keyId],
  Tier: ({ versions }) => [versions.at(-1)?.tier],
  DataType: ({ versions }) => [versions.at(-1)?.dataType],
};

type Compare = (actual: string, wanted: string) => boolean;

const COMPARISONS: Readonly<Record<string, Compare>> = {
  Equals: (actual, wanted) => actual === wanted,
  BeginsWith: (actual, wanted) => actual.startsWith(wanted),
  Contains: (actual, wanted) => actual.includes(wanted),
};

const DESCRIBE_KEYS = ['Name', 'Type', 'KeyId', 'Tier', 'DataType', 'Path'];
const BY_PATH_KEYS = ['Type', 'KeyId'];

/** `ParameterFilters` of DescribeParameters, and the older `Filters`: a parameter has to match all of them. */
export const describeFilters = (input: JsonObject): Matches =>
  all([
    ...(optionalObjects(input, 'ParameterFilters') ?? []).map((filter) => readFilter(filter, DESCRIBE_KEYS)),
    ...(optionalObjects(input, 'Filters') ?? []).map((filter) =>
      readFilter({ ...filter, Option: filter['Key'] === 'Name' ? 'BeginsWith' : 'Equals' }, ['Name', 'Type', 'KeyId']),
    ),
  ]);

/** `ParameterFilters` of GetParametersByPath. */
export const byPathFilters = (input: JsonObject): Matches =>
  all((optionalObjects(input, 'ParameterFilters') ?? []).map((filter) => readFilter(filter, BY_PATH_KEYS)));

const all =
  (filters: readonly Matches[]): Matches =>
  (parameter) =>
    filters.every((matches) => matches(parameter));

/** @throws AwsError InvalidFilterKey, InvalidFilterOption, InvalidFilterValue */
function readFilter(filter: JsonObject, keys: readonly string[]): Matches {
  const key = requireString(filter, 'Key');
  const option = optionalString(filter, 'Option');
  const values = optionalStrings(filter, 'Values') ?? [];
  if (key.startsWith('tag:') && keys.includes('Tier')) return tagFilter(key.slice('tag:'.length), option, values);
  if (!keys.includes(key))
    throw new AwsError('InvalidFilterKey', `The specified key isn't valid: '${key}'; allowed are ${keys.join(', ')}.`);
  if (values.length === 0) throw invalidValue(key);
  if (key === 'Path') return pathFilter(option, values);
  const compare = key === 'Name' || option !== 'Contains' ? COMPARISONS[option ?? 'Equals'] : undefined;
  if (compare === undefined) throw invalidOption(key, option);
  return (parameter) =>
    (COMPARED[key]?.(parameter) ?? []).some(
      (actual) => actual !== undefined && values.some((wanted) => compare(actual, wanted)),
    );
}

function pathFilter(option = 'OneLevel', paths: readonly string[]): Matches {
  if (option !== 'OneLevel' && option !== 'Recursive') throw invalidOption('Path', option);
  if (!paths.every((path) => path.startsWith('/'))) throw invalidValue('Path');
  return ({ name }) => paths.some((path) => isBelow(name, path, option === 'Recursive'));
}

/** Without values any value of the tag will do. */
function tagFilter(tag: string, option = 'Equals', values: readonly string[]): Matches {
  if (option !== 'Equals') throw invalidOption(`tag:${tag}`, option);
  return ({ tags }) => tags.has(tag) && (values.length === 0 || values.includes(tags.get(tag) ?? ''));
}

const invalidOption = (key: string, option: string | undefined) =>
  new AwsError('InvalidFilterOption', `The specified filter option isn't valid for key '${key}': '${option}'.`);

const invalidValue = (key: string) =>
  new AwsError('InvalidFilterValue', `The filter value isn't valid for key '${key}'. Verify the value and try again.`);
